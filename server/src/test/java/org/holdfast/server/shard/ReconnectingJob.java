package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;

/// A background job that loses its patience, as the cleaner of `2011-memory` did: what it wants to
/// write does not come to its turn in time, so the run is dropped and another one begins, with
/// memory of its own.
///
/// It takes the scrub's place, which is not begun: the cleaner itself is at work.
public final class ReconnectingJob {
  private static final int MEMORY_LENGTH = 16 << 20;

  /// What a run wants to append in all: so much that its turn is long in coming.
  private static final long APPEND_BYTES = 4 << 20;

  private final ShardService shard;
  private final Spawner spawner;
  private final AtomicLong heldBytes = new AtomicLong();
  private final AtomicInteger running = new AtomicInteger();
  private final List<Run> runs = new ArrayList<>();
  private int begun;

  public ReconnectingJob(ShardService shard, Spawner spawner) {
    this.shard = shard;
    this.spawner = spawner;
  }

  /// Drops all but the newest runs and begins another.
  public synchronized void reconnect() {
    while (runs.size() > 3) {
      drop(runs.removeFirst());
    }
    runs.add(new Run(begun++));
  }

  /// Drops all runs.
  public synchronized void stop() {
    runs.forEach(this::drop);
    runs.clear();
  }

  private void drop(Run run) {
    run.gone.set(true);
    run.thread.interrupt();
    shard.memory().wake();
  }

  public synchronized int begun() {
    return begun;
  }

  /// What its runs hold, as they count it themselves, in bytes.
  public long heldBytes() {
    return heldBytes.get();
  }

  /// Runs that have not come to their end.
  public int running() {
    return running.get();
  }

  private final class Run {
    private final AtomicBoolean gone = new AtomicBoolean();
    private final Thread thread;

    Run(int number) {
      running.incrementAndGet();
      thread = spawner.spawn("run " + number, this::run);
    }

    private void run() {
      try (var _ = shard.memory().lease(BackgroundJob.SCRUB, MEMORY_LENGTH, gone::get)) {
        byte[] buffer = new byte[MEMORY_LENGTH];
        heldBytes.addAndGet(buffer.length);
        try {
          shard
              .pacer()
              .append(
                  BackgroundJob.SCRUB,
                  0,
                  APPEND_BYTES,
                  () -> CompletableFuture.completedFuture(buffer.length));
        } finally {
          heldBytes.addAndGet(-buffer.length);
        }
      } catch (HoldfastException e) {
        // It was dropped; the next one is under way.
      } finally {
        running.decrementAndGet();
      }
    }
  }
}
