package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Fence;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts segments into the bucket, each on a thread of its own.
///
/// - A put whose outcome is unknown is made again; one that finds its own content there has
///   succeeded before. One that finds anything else has met a seal or another owner: this owner is
///   fenced, and stops.
/// - A bucket that is away, full or closed to us may come back: the put is tried again without end,
///   with pauses that double up to [#PAUSE_MILLIS_MAX], half of each at random. Who waits is told
///   that the log is stalled: at once where the bucket refuses, after [#PATIENCE_MILLIS] where it
///   does not answer.
final class SegmentStore implements LogWriter.Store {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentStore.class);

  private static final long PAUSE_MILLIS_MIN = 50;

  /// So soon after a bucket is back it is used again.
  private static final long PAUSE_MILLIS_MAX = 20_000;

  /// An object store's usual trouble is over by then; a client waits that long without harm.
  private static final long PATIENCE_MILLIS = 30_000;

  /// How often the log repeats that a put is still tried.
  private static final long REMINDER_MILLIS = 300_000;

  private final Bucket bucket;
  private final Clock clock;
  private final Spawner spawner;
  private final SecureRandom random;
  private final Outcome outcome;
  private volatile boolean over;

  SegmentStore(Bucket bucket, Clock clock, Spawner spawner, SecureRandom random, Outcome outcome) {
    this.bucket = bucket;
    this.clock = clock;
    this.spawner = spawner;
    this.random = random;
    this.outcome = outcome;
  }

  @Override
  public void put(SegmentId id, List<ByteBuffer> body) {
    spawner.spawn("put " + id, () -> putUntilStored(id, body));
  }

  /// No put is tried again from here on.
  void stop() {
    over = true;
  }

  private void putUntilStored(SegmentId id, List<ByteBuffer> body) {
    try {
      Trouble trouble = new Trouble(id);
      while (!putOnce(id, body, trouble)) {
        clock.sleepMillis(trouble.pauseMillis());
        if (over) {
          return;
        }
      }
      trouble.isOver();
      outcome.stored(id);
    } catch (HoldfastException e) {
      outcome.failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      outcome.failed(new UnavailableException("storing " + id + " was interrupted", e));
    } catch (Throwable e) {
      // A defect, or no memory. Unheard, it would leave everybody waiting for this segment.
      LOG.error("storing {} failed in a way that should not be possible", id, e);
      outcome.failed(new UnavailableException("storing " + id + " failed: " + e, e));
    }
  }

  /// Whether the segment is there.
  private boolean putOnce(SegmentId id, List<ByteBuffer> body, Trouble trouble)
      throws HoldfastException {
    try {
      if (bucket.putIfAbsent(id.key(), body) == PutResult.EXISTS
          && !Fence.holds(bucket, id, body)) {
        throw takenOver(id);
      }
      return true;
    } catch (UnavailableException | RefusedException e) {
      trouble.met(e);
      return false;
    }
  }

  /// Under the key of a segment that this server is to write is another's.
  static ConflictException takenOver(SegmentId id) {
    return new ConflictException(
        "another server has taken this shard over (it wrote " + id + "): this one stops");
  }

  /// Hears what becomes of puts, from any thread.
  interface Outcome {
    /// It is in the bucket. Once for each put at most.
    void stored(SegmentId id);

    /// A put is tried again and again, and this is why it fails. Any number of times.
    void stalled(HoldfastException why);

    /// A put will never succeed: the owner must stop.
    void failed(HoldfastException why);
  }

  /// What one put has met so far. Used by its thread alone.
  private final class Trouble {
    private final SegmentId id;
    private final long startNanos = clock.nanos();
    private long pauseMillis = PAUSE_MILLIS_MIN;
    private long toldMillis = -REMINDER_MILLIS;
    private boolean told;

    Trouble(SegmentId id) {
      this.id = id;
    }

    void met(HoldfastException why) {
      long sinceMillis = (clock.nanos() - startNanos) / 1_000_000;
      if (sinceMillis < PATIENCE_MILLIS && !(why instanceof RefusedException)) {
        return;
      }
      if (sinceMillis - toldMillis >= REMINDER_MILLIS) {
        toldMillis = sinceMillis;
        told = true;
        LOG.error(
            "backups wait, restores go on: {} cannot be stored for {} s now ({}); it is tried"
                + " again until it is",
            id,
            sinceMillis / 1000,
            why.getMessage());
      }
      outcome.stalled(why);
    }

    void isOver() {
      if (told) {
        LOG.info("{} is stored after all", id);
      }
    }

    long pauseMillis() {
      long half = pauseMillis / 2;
      pauseMillis = Math.min(pauseMillis * 2, PAUSE_MILLIS_MAX);
      return half + random.nextLong(half + 1);
    }
  }
}
