package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.SegmentSet;
import org.holdfast.log.Source;

/// Reads all headers that count, keeps them and what they say, parted, and tells what a replay of
/// them meets.
///
/// What a header says is parted when it comes. How many parts of blocks there are has to be known
/// before: some headers, far from each other, are read first, and tell how many blocks each machine
/// has. If that was not so, all headers are parted once more, from the spool.
final class Fetch {
  /// One of so many headers is read first...
  private static final int SAMPLE = 64;

  /// ...of a short log one of fewer.
  private static final int SAMPLE_MIN = 16;

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final HeaderSpool spool;
  private final MachineNumbers machines;
  private final Outline outline;
  private final BlockPartitions blocks;
  private final Progress progress;
  private long waitedNanos;
  private int done;
  private int all;

  Fetch(
      int shard,
      LogReader reader,
      Spawner spawner,
      HeaderSpool spool,
      MachineNumbers machines,
      Outline outline,
      BlockPartitions blocks,
      Progress progress) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.spool = spool;
    this.machines = machines;
    this.outline = outline;
    this.blocks = blocks;
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
    done = (int) counted.stream().filter(spool::has).count();
    all = counted.size();
    if (outline.count() == 0) {
      blocks.clear(sampled(counted));
    }
    int parted = parted(counted);
    List<SegmentId> late = missing(counted.subList(0, parted));
    keep(late);
    if (late.stream().anyMatch(spool::has)) {
      partAgain(counted, blocks.counts());
    } else {
      part(counted.subList(parted, counted.size()));
    }
  }

  /// How many of these do not come behind all that were parted.
  private int parted(List<SegmentId> counted) {
    int parted = 0;
    if (outline.count() > 0) {
      SegmentId last = outline.id(outline.count() - 1);
      while (parted < counted.size() && counted.get(parted).compareTo(last) <= 0) {
        parted++;
      }
    }
    return parted;
  }

  /// Those that were not parted: another listing did not show them, or they could not be read.
  private List<SegmentId> missing(List<SegmentId> counted) {
    List<SegmentId> missing = new ArrayList<>();
    int segment = 0;
    for (SegmentId id : counted) {
      while (segment < outline.count() && outline.id(segment).compareTo(id) < 0) {
        segment++;
      }
      if (segment == outline.count() || !outline.id(segment).equals(id)) {
        missing.add(id);
      }
    }
    return missing;
  }

  /// How many records of blocks there are, by some headers.
  private BlockCounts sampled(List<SegmentId> counted) throws HoldfastException {
    int each = Math.clamp(counted.size() / SAMPLE_MIN, 1, SAMPLE);
    List<SegmentId> some = new ArrayList<>();
    for (int i = 0; i < counted.size(); i += each) {
      some.add(counted.get(i));
    }
    keep(some);
    BlockCounts counts = new BlockCounts();
    Source<HeaderBytes> headers =
        spool.headers(some.stream().filter(spool::has).toList(), header -> header);
    while (headers.hasNext()) {
      counts.add(headers.next(), each);
    }
    return counts;
  }

  /// Reads those of these headers into the spool that are not in it.
  private void keep(List<SegmentId> segments) throws HoldfastException {
    List<SegmentId> missing = segments.stream().filter(id -> !spool.has(id)).toList();
    Source<Optional<HeaderBytes>> headers = reader.headers(missing, header -> header);
    try {
      while (headers.hasNext()) {
        Optional<HeaderBytes> header = waited(headers);
        if (header.isPresent()) {
          spool.add(header.get());
        }
        progress.fetched(++done, all, waitedNanos);
      }
    } finally {
      // Also of a fetch that is cut short: the next one goes on there.
      spool.flush();
    }
  }

  /// Parts all that was read once more, as there are so many blocks.
  void partAgain(BlockCounts counts) throws HoldfastException {
    List<SegmentId> segments = new ArrayList<>();
    for (int segment = 0; segment < outline.count(); segment++) {
      segments.add(outline.id(segment));
    }
    partAgain(segments, counts);
  }

  private void partAgain(List<SegmentId> segments, BlockCounts counts) throws HoldfastException {
    outline.clear();
    blocks.clear(counts);
    part(segments);
  }

  /// In the order of the log.
  private void part(List<SegmentId> segments) throws HoldfastException {
    Set<SegmentId> spooled =
        segments.stream().filter(spool::has).collect(Collectors.toCollection(HashSet::new));
    Source<Routed> kept =
        spool.headers(
            segments.stream().filter(spooled::contains).toList(),
            header -> Routed.of(header, machines));
    Source<Optional<Routed>> fresh =
        reader.headers(
            segments.stream().filter(id -> !spooled.contains(id)).toList(),
            header -> Routed.of(header, machines));
    try {
      for (SegmentId id : segments) {
        if (spooled.contains(id)) {
          add(kept.next());
        } else {
          Optional<Routed> routed = waited(fresh);
          if (routed.isPresent()) {
            spool.add(routed.get().header());
            add(routed.get());
          }
          progress.fetched(++done, all, waitedNanos);
        }
      }
    } finally {
      // Also of a fetch that is cut short: the next one goes on there.
      spool.flush();
    }
    outline.flush();
    blocks.flush();
  }

  private void add(Routed routed) throws HoldfastException {
    blocks.add(routed, outline.count());
    outline.add(routed);
  }

  private <T> T waited(Source<T> source) throws HoldfastException {
    long asked = reader.clock().nanos();
    T next = source.next();
    waitedNanos += reader.clock().nanos() - asked;
    return next;
  }

  private SegmentSet retired(List<SegmentId> counted) {
    SegmentSet retired = new SegmentSet();
    for (SegmentId id : counted) {
      for (Notable each : outline.notables(id)) {
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
