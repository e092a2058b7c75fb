package org.holdfast.server.shard;

import java.util.function.Consumer;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does a background job's rounds whenever one is due. How fast a round goes is for the [Pacer] to
/// say, and whether the job is switched on.
///
/// Any thread calls; the rounds run on one of their own.
public final class BackgroundTimer {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundTimer.class);

  private final BackgroundJob job;
  private final Rounds rounds;
  private final Pacer pacer;
  private final Clock clock;
  private final Consumer<Throwable> defect;
  private @Nullable Thread thread;
  private volatile boolean stopped;

  private BackgroundTimer(
      BackgroundJob job, Rounds rounds, Pacer pacer, Clock clock, Consumer<Throwable> defect) {
    this.job = job;
    this.rounds = rounds;
    this.pacer = pacer;
    this.clock = clock;
    this.defect = defect;
  }

  /// `defect` hears what should not be possible.
  public static BackgroundTimer start(
      BackgroundJob job,
      Rounds rounds,
      Pacer pacer,
      Clock clock,
      Spawner spawner,
      Consumer<Throwable> defect) {
    BackgroundTimer timer = new BackgroundTimer(job, rounds, pacer, clock, defect);
    timer.begin(spawner);
    return timer;
  }

  private synchronized void begin(Spawner spawner) {
    thread = spawner.spawn(job.toString(), this::run);
  }

  /// Begins no more rounds, and ends the one that runs, soon.
  public synchronized void stop() {
    stopped = true;
    rounds.stop();
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      long sinceNanos = clock.nanos();
      while (!stopped) {
        boolean isDue =
            rounds.isDue((clock.nanos() - sinceNanos) / 1_000_000) && pacer.holds(job).isEmpty();
        boolean hasMore = isDue && round();
        if (isDue) {
          sinceNanos = clock.nanos();
        }
        if (!hasMore) {
          clock.sleepMillis(rounds.pauseMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean round() {
    try {
      return rounds.round();
    } catch (HoldfastException e) {
      LOG.debug("{} waits: {}", job, e.getMessage());
    } catch (Throwable e) {
      // A round that is stopped may find the index closed.
      if (!stopped) {
        LOG.error("{} failed in a way that should not be possible", job, e);
        defect.accept(e);
      }
    }
    return false;
  }

  /// A job whose rounds come one after the other.
  public interface Rounds {
    /// Whether to begin a round, so long after the last one, or after the start if there was none.
    boolean isDue(long sinceMillis);

    /// Answers whether there may be more to do at once.
    boolean round() throws HoldfastException;

    /// How often it is looked whether a round is due.
    long pauseMillis();

    /// A round that runs ends soon.
    void stop();
  }
}
