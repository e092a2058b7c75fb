package org.holdfast.server.shard;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.SegmentRow;

/// Which segment is cleaned next (`docs/cleaning.md`, "Which segments, and when").
///
/// @param segments all that are durable, in the order of the log
/// @param storedBytes their lengths
/// @param liveBytes of those, what lives: of a header, the part that lives of its data
record CleaningChoice(List<Candidate> segments, long storedBytes, long liveBytes) {
  /// Cleaning begins when there is more garbage than one in so many of the bytes that live.
  private static final int GARBAGE_PART = 5;

  /// Less than one in so many of a segment's bytes is not worth the reading.
  private static final int LEAST_PART = 20;

  /// So many segments behind one that is deleted must be durable, so that the last ones say through
  /// their `stable` that it was there (`docs/format.md`, "What counts").
  private static final int NEWEST = 2 * LogWriter.IN_FLIGHT_MAX;

  static CleaningChoice of(List<Candidate> segments) {
    long stored = segments.stream().mapToLong(Candidate::length).sum();
    long live = segments.stream().mapToLong(Candidate::live).sum();
    return new CleaningChoice(List.copyOf(segments), stored, live);
  }

  /// Whether there is enough garbage, and more than that in bytes, outside of these segments: what
  /// may not be cleaned must not have all others cleaned for ever.
  boolean isDue(long leastBytes, Set<SegmentId> without) {
    long stored = storedBytes;
    long live = liveBytes;
    for (Candidate each : segments) {
      if (without.contains(each.id)) {
        stored -= each.length();
        live -= each.live();
      }
    }
    return stored - live > Math.max(live / GARBAGE_PART, leastBytes);
  }

  long garbageBytes() {
    return storedBytes - liveBytes;
  }

  /// The segment that gives the most for what cleaning it costs, but for these.
  Optional<Candidate> best(Set<SegmentId> without) {
    Candidate best = null;
    double most = 0;
    for (int i = 0; i < segments.size(); i++) {
      Candidate each = segments.get(i);
      double worth = each.worth(segments.size() - i);
      if (worth > most && mayBe(each, without)) {
        most = worth;
        best = each;
      }
    }
    return Optional.ofNullable(best);
  }

  /// This segment, if it may be cleaned.
  Optional<Candidate> of(SegmentId id, Set<SegmentId> without) {
    return segments.stream().filter(each -> each.id.equals(id) && mayBe(each, without)).findFirst();
  }

  /// What may not be cleaned: segments behind the one that is `held`, and damaged ones but for
  /// those whose header is whole, and in which nothing lives: nothing needs to be moved.
  Set<SegmentId> without(Map<SegmentId, Damage> damaged, Optional<SegmentId> held) {
    Set<SegmentId> without = new HashSet<>(damaged.keySet());
    for (Candidate each : segments) {
      if (held.isPresent() && each.id.compareTo(held.get()) > 0) {
        without.add(each.id);
      } else if (damaged.get(each.id) == Damage.DATA && each.row.liveLength() == 0) {
        without.remove(each.id);
      }
    }
    return without;
  }

  private boolean mayBe(Candidate candidate, Set<SegmentId> without) {
    return !without.contains(candidate.id) && isOld(candidate.id);
  }

  private boolean isOld(SegmentId id) {
    SegmentId newest = segments.getLast().id;
    return id.epoch() < newest.epoch() || id.number() + NEWEST <= newest.number();
  }

  /// A segment and what the index knows of it.
  record Candidate(SegmentId id, SegmentRow row) {
    long length() {
      return row.headerLength() + (long) row.dataLength();
    }

    long live() {
      return row.dataLength() == 0
          ? row.headerLength()
          : row.liveLength() + row.headerLength() * row.liveLength() / row.dataLength();
    }

    /// Rosenblum and Ousterhout (1992): what is won, for how long it stays so, by what it costs.
    double worth(long age) {
      if (length() - live() < length() / LEAST_PART || live() == length()) {
        return 0;
      }
      double used = (double) live() / length();
      return (1 - used) * age / (1 + used);
    }
  }
}
