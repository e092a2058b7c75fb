package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.Source;
import org.holdfast.server.state.ShardState;

/// Applies segments to a state, in the order of the log, from their headers alone.
///
/// Headers are read ahead, as many at a time as the bucket allows ([LogReader#headers]). Used once.
final class Replay {
  /// Longer waits are for who knows whether it was cleaned: meanwhile others may be.
  private static final long VANISHED_MILLIS = 1000;

  private final LogReader reader;
  private final Progress progress;

  /// For all objects together that are listed and cannot be read: while somebody cleans there are
  /// such.
  private final Patience patience;

  private final NavigableSet<SegmentId> applied;
  private final boolean mayHaveHoles;
  private boolean hasMetHoles;

  /// `applied` is what the state has taken in since it was empty, or was opened: this adds to it.
  ///
  /// A state that `mayHaveHoles` began with nothing. Any other is older than a hole that is met: it
  /// is not replayed on, as it would fit no digest.
  Replay(
      LogReader reader, NavigableSet<SegmentId> applied, boolean mayHaveHoles, Progress progress) {
    this.reader = reader;
    this.applied = applied;
    this.mayHaveHoles = mayHaveHoles;
    this.progress = progress;
    this.patience = reader.patience(VANISHED_MILLIS);
  }

  /// Applies all of these, which follow the state's position; the state has holes afterwards if
  /// some that are absent were not retired, be they the last ones.
  ///
  /// Answers the segments that were applied although they are retired, empty if there are none:
  /// then it ends early, and the state is to be thrown away.
  Optional<SegmentRange> apply(ShardState state, LogChain.Counted counted)
      throws HoldfastException {
    List<SegmentId> segments = counted.segments();
    Deque<SegmentRange> absent = new ArrayDeque<>(counted.absent());
    Source<Optional<SegmentHeader>> headers = reader.headers(segments);
    int done = 0;
    for (SegmentId id : segments) {
      while (!absent.isEmpty() && absent.getFirst().last().compareTo(id) < 0) {
        state.absent(absent.removeFirst());
      }
      Optional<SegmentHeader> header = there(id, headers.next());
      // A seal before the end of its epoch was put late, where a segment was cleaned.
      if (header.isEmpty() || header.get().seal()) {
        hasMetHoles = true;
        if (!mayHaveHoles) {
          return Optional.empty();
        }
        state.absent(new SegmentRange(id, id));
        continue;
      }
      checkFollows(state, header.get());
      Optional<SegmentRange> back = apply(state, header.get());
      if (back.isPresent()) {
        return back;
      }
      progress.applied(++done, segments.size(), state);
    }
    absent.forEach(state::absent);
    return Optional.empty();
  }

  /// Whether some that counted as present turned out to be absent.
  boolean hasMetHoles() {
    return hasMetHoles;
  }

  private Optional<SegmentRange> apply(ShardState state, SegmentHeader header)
      throws CorruptException {
    SegmentId id = header.id();
    for (LogEntry entry : header.entries()) {
      if (entry.item() instanceof LogRecord.SegmentsRetired retired) {
        Optional<SegmentRange> back = wereApplied(id.shard(), retired);
        if (back.isPresent()) {
          return back;
        }
      }
      state.apply(entry, id);
    }
    state.endSegment(header);
    state.durable(id);
    applied.add(id);
    return Optional.empty();
  }

  private Optional<SegmentRange> wereApplied(int shard, LogRecord.SegmentsRetired retired) {
    SegmentRange range = retired.range(shard);
    return applied.subSet(range.first(), true, range.last(), true).isEmpty()
        ? Optional.empty()
        : Optional.of(range);
  }

  private Optional<SegmentHeader> there(SegmentId id, Optional<SegmentHeader> found)
      throws HoldfastException {
    Optional<SegmentHeader> header = found;
    while (header.isEmpty() && patience.pause(() -> false)) {
      header = reader.header(id);
    }
    return header;
  }

  /// A listing is not of one moment: where a segment is missing from it that is in the bucket, the
  /// log has grown meanwhile, and nothing is damaged.
  private void checkFollows(ShardState state, SegmentHeader header) throws HoldfastException {
    if (state.isBehindHole()
        || header.entries().getFirst().number() == state.position().nextRecord()) {
      return;
    }
    SegmentId missing = state.missingBefore(header.id());
    if (reader.present(missing).isPresent()) {
      throw unlisted(missing);
    }
  }

  static UnavailableException unlisted(SegmentId missing) {
    return new UnavailableException(
        missing + " was written while the log was listed: try again", 1000);
  }

  /// Hears how far a replay has come.
  interface Progress {
    void applied(long segmentsDone, long segmentsAll, ShardState state);
  }
}
