package org.holdfast.server.shard;

import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Applies segments to a state, in the order of the log, from their headers alone.
///
/// Headers are read ahead, as many at a time as the bucket allows ([LogReader#headers]).
public final class Replay {
  private final LogReader reader;
  private final Progress progress;

  public Replay(LogReader reader, Progress progress) {
    this.reader = reader;
    this.progress = progress;
  }

  /// Applies all of these, which follow the state's position. Corrupt, if the state has not come to
  /// the last one that was acknowledged then: nothing that comes after it would tell that it is
  /// missing.
  public void apply(ShardState state, LogChain.Counted counted) throws HoldfastException {
    List<SegmentId> segments = counted.segments();
    Source<Optional<SegmentHeader>> headers = reader.headers(segments);
    long done = 0;
    for (SegmentId id : segments) {
      SegmentHeader header = there(id, headers.next());
      checkFollows(state, header);
      for (LogEntry entry : header.entries()) {
        state.apply(entry, header.id());
      }
      state.endSegment(header);
      state.durable(header.id());
      done++;
      progress.applied(done, segments.size(), state.position().nextRecord() - 1);
    }
    if (counted.last().isPresent()) {
      checkReached(state.position(), counted.last().get());
    }
  }

  private SegmentHeader there(SegmentId id, Optional<SegmentHeader> found)
      throws HoldfastException {
    Optional<SegmentHeader> header = found.isPresent() ? found : reader.present(id);
    return header.orElseThrow(() -> missing(id));
  }

  private void checkReached(Position position, SegmentId last) throws HoldfastException {
    if (position.epoch() == last.epoch() && position.segment() >= last.number()) {
      return;
    }
    long reached = position.epoch() == last.epoch() ? position.segment() : 0;
    SegmentId next = new SegmentId(last.shard(), last.epoch(), reached + 1);
    if (reader.present(next).isEmpty()) {
      throw missing(next);
    }
    throw unlisted(next);
  }

  private static CorruptException missing(SegmentId id) {
    return new CorruptException(
        id + " (object " + id.key() + ") is missing from the bucket: restore it from a copy");
  }

  /// A listing is not of one moment: where a segment is missing from it that is in the bucket, the
  /// log has grown meanwhile, and nothing is damaged.
  private void checkFollows(ShardState state, SegmentHeader header) throws HoldfastException {
    if (header.entries().getFirst().number() == state.position().nextRecord()) {
      return;
    }
    SegmentId missing = state.missingBefore(header.id());
    if (reader.present(missing).isPresent()) {
      throw unlisted(missing);
    }
  }

  private static UnavailableException unlisted(SegmentId missing) {
    return new UnavailableException(
        missing + " was written while the log was listed: try again", 1000);
  }

  /// Hears how far a replay has come.
  public interface Progress {
    /// Told to nobody.
    Progress NONE = (_, _, _) -> {};

    void applied(long segmentsDone, long segmentsAll, long recordsDone);
  }
}
