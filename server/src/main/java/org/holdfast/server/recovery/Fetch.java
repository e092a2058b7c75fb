package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.SegmentSet;
import org.holdfast.log.Source;

/// Reads all headers that count into a spool, and tells what a replay of them meets.
final class Fetch {
  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final HeaderSpool spool;
  private final Progress progress;
  private long waitedNanos;

  Fetch(int shard, LogReader reader, Spawner spawner, HeaderSpool spool, Progress progress) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.spool = spool;
    this.progress = progress;
  }

  /// The steps of a replay, in the order of the log; empty if some that are absent are not retired,
  /// for as long as patience goes. `known` is a segment that is known to have been acknowledged.
  Optional<List<Step>> run(Optional<SegmentId> known) throws HoldfastException {
    Patience patience = reader.patience();
    do {
      LogChain chain = LogChain.of(reader, shard, known);
      LogChain.Counted counted = chain.counted(shard, Optional.empty(), spawner);
      read(counted.segments());
      SegmentSet retired = retired(counted.segments());
      Set<SegmentRange> absent = absent(counted);
      if (absent.stream().allMatch(retired::containsAll)) {
        return Optional.of(steps(counted.segments(), absent, retired));
      }
    } while (patience.pause(() -> false));
    return Optional.empty();
  }

  private void read(List<SegmentId> counted) throws HoldfastException {
    List<SegmentId> missing = counted.stream().filter(id -> !spool.has(id)).toList();
    Source<Optional<HeaderNotes>> headers = reader.headers(missing, HeaderNotes::of);
    int done = counted.size() - missing.size();
    try {
      for (int i = 0; i < missing.size(); i++) {
        long asked = reader.clock().nanos();
        Optional<HeaderNotes> header = headers.next();
        waitedNanos += reader.clock().nanos() - asked;
        if (header.isPresent()) {
          spool.add(header.get());
        }
        progress.fetched(++done, counted.size(), waitedNanos);
      }
    } finally {
      // Also of a fetch that is cut short: the next one goes on there.
      spool.flush();
    }
  }

  private SegmentSet retired(List<SegmentId> counted) {
    SegmentSet retired = new SegmentSet();
    for (SegmentId id : counted) {
      for (Notable each : spool.notables(id)) {
        if (each instanceof Notable.Retired r && !retired.containsAll(r.range())) {
          retired.add(r.range());
        }
      }
    }
    return retired;
  }

  /// Those that are not listed, those that had vanished, and seals that came late.
  private Set<SegmentRange> absent(LogChain.Counted counted) {
    Set<SegmentRange> absent = new TreeSet<>((one, other) -> one.first().compareTo(other.first()));
    absent.addAll(counted.absent());
    counted.segments().stream()
        .filter(id -> !spool.has(id) || spool.isSeal(id))
        .forEach(id -> absent.add(new SegmentRange(id, id)));
    return absent;
  }

  private List<Step> steps(List<SegmentId> counted, Set<SegmentRange> absent, SegmentSet retired) {
    List<Step> steps = new ArrayList<>();
    absent.forEach(range -> steps.add(Step.absent(range)));
    for (SegmentId id : counted) {
      if (spool.has(id) && !spool.isSeal(id)) {
        steps.add(retired.contains(id) ? Step.absent(new SegmentRange(id, id)) : Step.of(id));
      }
    }
    steps.sort((one, other) -> one.segment().compareTo(other.segment()));
    return steps;
  }

  /// Hears how far it is, and how long it has waited for the bucket.
  interface Progress {
    void fetched(long segmentsDone, long segmentsAll, long waitedNanos);
  }
}
