package org.holdfast.log;

import java.util.function.BooleanSupplier;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException;

/// How long one thing that must be there is asked for again, with pauses that double. Starts when
/// it is made. One thread.
public final class Patience {
  private static final long PAUSE_MILLIS_MIN = 100;

  /// So soon after it is back it is found.
  private static final long PAUSE_MILLIS_MAX = 5_000;

  private final Clock clock;
  private final long millis;
  private final long startNanos;
  private long pauseMillis = PAUSE_MILLIS_MIN;

  public Patience(Clock clock, long millis) {
    this.clock = clock;
    this.millis = millis;
    this.startNanos = clock.nanos();
  }

  /// Waits, and answers whether to ask again. Throws if nobody needs the answer any more: nothing
  /// is known then.
  public boolean pause(BooleanSupplier over) throws UnavailableException {
    if (over.getAsBoolean()) {
      throw new UnavailableException("nobody waits for this any more");
    }
    long leftMillis = millis - (clock.nanos() - startNanos) / 1_000_000;
    if (leftMillis <= 0) {
      return false;
    }
    try {
      clock.sleepMillis(Math.min(pauseMillis, leftMillis));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while asking the bucket again", e);
    }
    pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
    return true;
  }
}
