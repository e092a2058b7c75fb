package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a log says behind the place up to which a process has read it that follows it no further:
/// its owner may have cleaned a segment meanwhile. It is listed only where an object is not what it
/// should be.
///
/// What was found out is remembered: a range that is retired stays so, a header says the same each
/// time. That a segment was not retired holds for [#NOT_RETIRED_MILLIS], for who asks of an object
/// that is known to be damaged, as it is read block by block; everybody else looks again.
///
/// Any thread.
final class LaterLog {
  private static final Logger LOG = LoggerFactory.getLogger(LaterLog.class);

  private static final long NOT_RETIRED_MILLIS = 5_000;

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final Clock clock;
  private Optional<SegmentId> seen;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<SegmentRange> retired = new ArrayList<>();
  private final Set<SegmentId> read = new HashSet<>();
  private final Map<SegmentId, Long> notRetiredNanos = new HashMap<>();

  /// `seen` is the last segment that was read.
  LaterLog(int shard, LogReader reader, Spawner spawner, Clock clock, Optional<SegmentId> seen) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.clock = clock;
    this.seen = seen;
  }

  /// The process has read on up to this one.
  void followed(SegmentId id) {
    lock.lock();
    try {
      seen = Optional.of(id);
      read.removeIf(each -> each.compareTo(id) <= 0);
    } finally {
      lock.unlock();
    }
  }

  /// Throws if the segment was cleaned since. Where that cannot be made out it was not.
  /// `isKnownDamaged` says that the object was found to be damaged before.
  void checkNotRetired(SegmentId id, boolean isKnownDamaged) throws UnavailableException {
    if (isRetired(id, isKnownDamaged)) {
      throw new UnavailableException(
          "blocks were moved by the owner of the log while they were read: try again", 1000);
    }
  }

  /// As [#checkNotRetired], for who knows what to do then.
  boolean isRetired(SegmentId id, boolean isKnownDamaged) throws UnavailableException {
    lock.lock();
    try {
      return lookUp(id, isKnownDamaged);
    } finally {
      lock.unlock();
    }
  }

  private boolean lookUp(SegmentId id, boolean isKnownDamaged) throws UnavailableException {
    if (isKnownRetired(id)) {
      return true;
    }
    long now = clock.nanos();
    Long asked = notRetiredNanos.get(id);
    boolean wasAsked = asked != null && now - asked < NOT_RETIRED_MILLIS * 1_000_000;
    if (!isKnownDamaged || !wasAsked) {
      readOn();
      // Few are damaged at a time; the others need not be remembered.
      notRetiredNanos.values().removeIf(then -> now - then >= NOT_RETIRED_MILLIS * 1_000_000);
      notRetiredNanos.put(id, now);
    }
    return isKnownRetired(id);
  }

  private boolean isKnownRetired(SegmentId id) {
    return retired.stream().anyMatch(range -> range.contains(id));
  }

  private void readOn() throws UnavailableException {
    try {
      LogChain chain = LogChain.of(reader, shard, Optional.empty());
      List<SegmentId> unread = new ArrayList<>(chain.counted(shard, seen, spawner).segments());
      unread.removeIf(read::contains);
      Source<Optional<SegmentHeader>> headers = reader.headers(unread);
      while (headers.hasNext()) {
        headers
            .next()
            .ifPresent(header -> {
              retired.addAll(retired(header));
              read.add(header.id());
            });
      }
    } catch (CorruptException | RefusedException e) {
      LOG.debug(
          "what the log says behind the place that was read cannot be told: {}", e.getMessage());
    } catch (HoldfastException e) {
      throw new UnavailableException("the log cannot be listed now: try again", e);
    }
  }

  /// What these segments retire, as their headers say.
  static Retirements retired(LogReader reader, LogChain.Counted counted) throws HoldfastException {
    List<SegmentRange> retired = new ArrayList<>();
    boolean isWhole = true;
    Source<Optional<SegmentHeader>> headers = reader.headers(counted.segments());
    while (headers.hasNext()) {
      Optional<SegmentHeader> header = headers.next();
      isWhole &= header.isPresent();
      header.ifPresent(found -> retired.addAll(retired(found)));
    }
    return new Retirements(retired, isWhole);
  }

  /// What some segments retire.
  ///
  /// @param isWhole whether all of them were there
  record Retirements(List<SegmentRange> ranges, boolean isWhole) {
    Retirements {
      ranges = List.copyOf(ranges);
    }

    /// What of these segments is not retired.
    List<SegmentRange> without(List<SegmentRange> absent) {
      List<SegmentRange> open = new ArrayList<>();
      for (SegmentRange range : absent) {
        SegmentId id = range.first();
        while (range.contains(id)) {
          Optional<SegmentRange> known = with(id);
          if (known.isPresent()) {
            id = known.get().last().next();
            continue;
          }
          SegmentId last = lastBeforeNext(id, range.last());
          open.add(new SegmentRange(id, last));
          id = last.next();
        }
      }
      return open;
    }

    /// The last of the segments from one to another that come before a range begins.
    private SegmentId lastBeforeNext(SegmentId from, SegmentId to) {
      return ranges.stream()
          .map(SegmentRange::first)
          .filter(first -> first.compareTo(from) > 0 && first.compareTo(to) <= 0)
          .min(Comparator.naturalOrder())
          .map(SegmentId::before)
          .orElse(to);
    }

    private Optional<SegmentRange> with(SegmentId id) {
      return ranges.stream().filter(range -> range.contains(id)).findAny();
    }
  }

  private static List<SegmentRange> retired(SegmentHeader header) {
    List<SegmentRange> retired = new ArrayList<>();
    for (LogEntry entry : header.entries()) {
      if (entry.item() instanceof LogRecord.SegmentsRetired record) {
        retired.add(record.range(header.id().shard()));
      }
    }
    return retired;
  }
}
