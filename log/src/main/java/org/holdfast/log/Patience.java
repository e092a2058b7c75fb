package org.holdfast.log;

import java.util.function.BooleanSupplier;
import org.holdfast.core.Clock;
import org.holdfast.core.UnavailableException;

/// How long one thing that must be there is asked for again, with pauses that double. Starts when
/// it is made, just after the first answer. One thread.
///
/// An answer may itself take long: it is asked again a few times in any case, the last time not
/// before the time is over.
public final class Patience {
  private static final long PAUSE_MILLIS_MIN = 100;

  /// So soon after it is back it is found.
  private static final long PAUSE_MILLIS_MAX = 5_000;

  private static final int FEWEST_PAUSES = 3;

  private final Clock clock;
  private final long millis;
  private final long startNanos;
  private long pauseMillis = PAUSE_MILLIS_MIN;
  private int pauses;
  private boolean isLast;

  /// `millis` of 0: it is not asked again.
  public Patience(Clock clock, long millis) {
    this.clock = clock;
    this.millis = millis;
    this.startNanos = clock.nanos();
    this.isLast = millis == 0;
  }

  /// Waits, and answers whether to ask again. Throws if nobody needs the answer any more: nothing
  /// is known then.
  public boolean pause(BooleanSupplier over) throws UnavailableException {
    if (over.getAsBoolean()) {
      throw new UnavailableException("nobody waits for this any more");
    }
    if (isLast) {
      return false;
    }
    long leftMillis = leftMillis();
    try {
      clock.sleepMillis(leftMillis > 0 ? Math.min(pauseMillis, leftMillis) : pauseMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while asking the bucket again", e);
    }
    pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
    pauses++;
    isLast = pauses >= FEWEST_PAUSES && leftMillis() <= 0;
    return true;
  }

  private long leftMillis() {
    return millis - (clock.nanos() - startNanos) / 1_000_000;
  }
}
