package org.holdfast.server.shard;

import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Scrubs in the background: looks every [#PAUSE_MILLIS] whether there is something to read. How
/// fast is for the [Pacer] to say.
///
/// Any thread calls; the rounds run on one of their own.
public final class ScrubTimer {
  private static final Logger LOG = LoggerFactory.getLogger(ScrubTimer.class);

  /// Before the first look too: after a start there is more important work.
  private static final long PAUSE_MILLIS = 60_000;

  private final Scrub scrub;
  private final Pacer pacer;
  private final Clock clock;
  private @Nullable Thread thread;
  private volatile boolean stopped;

  private ScrubTimer(Scrub scrub, Pacer pacer, Clock clock) {
    this.scrub = scrub;
    this.pacer = pacer;
    this.clock = clock;
  }

  public static ScrubTimer start(Scrub scrub, Pacer pacer, Clock clock, Spawner spawner) {
    ScrubTimer timer = new ScrubTimer(scrub, pacer, clock);
    timer.begin(spawner);
    return timer;
  }

  private synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("scrub", this::run);
  }

  /// Begins no more rounds, ends the one that runs, soon, and keeps how far it came.
  public synchronized void stop() {
    stopped = true;
    scrub.close();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        clock.sleepMillis(PAUSE_MILLIS);
        round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() {
    if (!scrub.isDue() || pacer.holds(BackgroundJob.SCRUB).isPresent()) {
      return;
    }
    try {
      scrub.round();
    } catch (HoldfastException e) {
      LOG.debug("the scrub waits: {}", e.getMessage());
    } catch (RuntimeException e) {
      // What is damaged is found by who reads it.
      LOG.error("the scrub failed in a way that should not be possible", e);
    }
  }
}
