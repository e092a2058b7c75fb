package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.ShardState;

/// Applies segments to a state, in the order of the log, from their headers alone.
///
/// Headers are read ahead on threads of their own, at most [#READS_MAX] at a time.
public final class Replay {
  /// Reads in flight. A bucket answers one in 20 to 100 ms; so many keep a core busy applying.
  public static final int READS_MAX = 32;

  private final LogReader reader;
  private final Spawner spawner;
  private final Progress progress;

  public Replay(LogReader reader, Spawner spawner, Progress progress) {
    this.reader = reader;
    this.spawner = spawner;
    this.progress = progress;
  }

  /// Applies all of these, which follow the state's position.
  public void apply(ShardState state, List<SegmentId> segments) throws HoldfastException {
    Iterator<SegmentId> toRead = segments.iterator();
    Deque<CompletableFuture<SegmentHeader>> reads = new ArrayDeque<>();
    long done = 0;
    for (int i = 0; i < segments.size(); i++) {
      while (reads.size() < READS_MAX && toRead.hasNext()) {
        reads.addLast(read(toRead.next()));
      }
      SegmentHeader header = ShardLoop.await(reads.removeFirst());
      for (LogEntry entry : header.entries()) {
        state.apply(entry, header.id());
      }
      state.endSegment(header);
      state.durable(header.id());
      done++;
      progress.applied(done, segments.size(), state.position().nextRecord() - 1);
    }
  }

  private CompletableFuture<SegmentHeader> read(SegmentId id) {
    CompletableFuture<SegmentHeader> result = new CompletableFuture<>();
    spawner.spawn("header " + id, () -> complete(result, id));
    return result;
  }

  private void complete(CompletableFuture<SegmentHeader> result, SegmentId id) {
    try {
      result.complete(
          reader
              .header(id)
              .orElseThrow(() ->
                  new CorruptException(
                      id
                          + " (object "
                          + id.key()
                          + ") is missing from the bucket: restore it"
                          + " from a copy")));
    } catch (HoldfastException | RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  /// Hears how far a replay has come.
  public interface Progress {
    /// Told to nobody.
    Progress NONE = (_, _, _) -> {};

    void applied(long segmentsDone, long segmentsAll, long recordsDone);
  }
}
