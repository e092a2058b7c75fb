package org.holdfast.server.shard;

import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Frees in the background: at the start, then every [#PAUSE_MILLIS], or within [#LOOK_MILLIS] of a
/// transaction that may have left something.
///
/// Any thread calls; the rounds run on one of their own.
public final class FreeingTimer {
  private static final Logger LOG = LoggerFactory.getLogger(FreeingTimer.class);

  /// So late an expired deletion is noticed at most.
  private static final long PAUSE_MILLIS = 10 * 60_000;

  /// A backup that begins again and again does not cause more scans than this.
  private static final long LOOK_MILLIS = 30_000;

  private final Freeing freeing;
  private final Pacer pacer;
  private final Clock clock;
  private @Nullable Thread thread;
  private volatile boolean stopped;

  private FreeingTimer(Freeing freeing, Pacer pacer, Clock clock) {
    this.freeing = freeing;
    this.pacer = pacer;
    this.clock = clock;
  }

  /// Begins at once.
  public static FreeingTimer start(Freeing freeing, Pacer pacer, Clock clock, Spawner spawner) {
    FreeingTimer timer = new FreeingTimer(freeing, pacer, clock);
    timer.begin(spawner);
    return timer;
  }

  private synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("freeing", this::run);
  }

  /// Begins no more rounds, and ends the one that runs, soon.
  public synchronized void stop() {
    stopped = true;
    freeing.stop();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        round();
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    if (pacer.holds(BackgroundJob.FREEING).isPresent()) {
      return;
    }
    try {
      freeing.round();
    } catch (HoldfastException e) {
      LOG.debug("nothing can be freed now: {}", e.getMessage());
    } catch (RuntimeException e) {
      // What is garbage stays, which is safe.
      LOG.error("freeing blocks failed in a way that should not be possible", e);
    }
  }

  private void pause() throws InterruptedException {
    long waitedMillis = 0;
    while (waitedMillis < PAUSE_MILLIS && !freeing.isWanted()) {
      clock.sleepMillis(LOOK_MILLIS);
      waitedMillis += LOOK_MILLIS;
    }
    if (waitedMillis == 0) {
      clock.sleepMillis(LOOK_MILLIS);
    }
  }
}
