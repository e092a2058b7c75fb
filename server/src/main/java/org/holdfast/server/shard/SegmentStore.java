package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Fence;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.jspecify.annotations.Nullable;

/// Puts segments into the bucket, each on a thread of its own.
///
/// A put whose outcome is unknown is made again; one that finds its own content there has succeeded
/// before. One that finds anything else has met a seal or another owner: this owner is fenced.
final class SegmentStore implements LogWriter.Store {
  /// Attempts before an owner gives up, over about two minutes.
  private static final int ATTEMPTS_MAX = 12;

  private static final long PAUSE_MILLIS_MAX = 20_000;

  private final Bucket bucket;
  private final Clock clock;
  private final Spawner spawner;
  private final BiConsumer<SegmentId, @Nullable HoldfastException> outcome;

  /// `outcome` is called once for each put, from any thread: with null when the segment is in the
  /// bucket, with the reason when it cannot be stored.
  SegmentStore(
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      BiConsumer<SegmentId, @Nullable HoldfastException> outcome) {
    this.bucket = bucket;
    this.clock = clock;
    this.spawner = spawner;
    this.outcome = outcome;
  }

  @Override
  public void put(SegmentId id, List<ByteBuffer> body) {
    spawner.spawn("put " + id, () -> outcome.accept(id, attempt(id, body)));
  }

  private @Nullable HoldfastException attempt(SegmentId id, List<ByteBuffer> body) {
    long pauseMillis = 50;
    for (int attempt = 1; ; attempt++) {
      try {
        putOnce(id, body);
        return null;
      } catch (UnavailableException e) {
        if (attempt == ATTEMPTS_MAX || !sleep(pauseMillis)) {
          return e;
        }
        pauseMillis = Math.min(pauseMillis * 2, PAUSE_MILLIS_MAX);
      } catch (HoldfastException e) {
        return e;
      } catch (RuntimeException e) {
        // A defect. Unheard, it would leave everybody waiting for this segment.
        return new UnavailableException("storing " + id + " failed: " + e, e);
      }
    }
  }

  private void putOnce(SegmentId id, List<ByteBuffer> body) throws HoldfastException {
    if (bucket.putIfAbsent(id.key(), body) == PutResult.EXISTS && !Fence.holds(bucket, id, body)) {
      throw new RefusedException(
          "another server has taken this shard over (it wrote " + id + "): this one stops");
    }
  }

  private boolean sleep(long millis) {
    try {
      clock.sleepMillis(millis);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
