package org.holdfast.server.shard;

import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cleans in the background: looks every [#PAUSE_MILLIS] whether there is enough garbage, and goes
/// on while there is. How fast is for the [Pacer] to say.
///
/// Any thread calls; the rounds run on one of their own.
public final class CleaningTimer {
  private static final Logger LOG = LoggerFactory.getLogger(CleaningTimer.class);

  /// Garbage comes with deletions, which take days to count.
  private static final long PAUSE_MILLIS = 60_000;

  private final Cleaner cleaner;
  private final Pacer pacer;
  private final Clock clock;
  private @Nullable Thread thread;
  private volatile boolean stopped;

  private CleaningTimer(Cleaner cleaner, Pacer pacer, Clock clock) {
    this.cleaner = cleaner;
    this.pacer = pacer;
    this.clock = clock;
  }

  /// Begins at once.
  public static CleaningTimer start(Cleaner cleaner, Pacer pacer, Clock clock, Spawner spawner) {
    CleaningTimer timer = new CleaningTimer(cleaner, pacer, clock);
    timer.begin(spawner);
    return timer;
  }

  private synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("cleaning", this::run);
  }

  /// Begins no more rounds, and ends the one that runs, soon.
  public synchronized void stop() {
    stopped = true;
    cleaner.stop();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        if (!round()) {
          clock.sleepMillis(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether there may be more to do.
  private boolean round() {
    if (pacer.holds(BackgroundJob.CLEANING).isPresent()) {
      return false;
    }
    try {
      return cleaner.round();
    } catch (HoldfastException e) {
      LOG.debug("nothing can be cleaned now: {}", e.getMessage());
    } catch (RuntimeException e) {
      // What is garbage stays, which is safe.
      LOG.error("cleaning failed in a way that should not be possible", e);
    }
    return false;
  }
}
