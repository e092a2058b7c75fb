package org.holdfast.bucket;

import java.security.SecureRandom;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// Tries again what is worth it, after a delay with full jitter (M. Brooker, "Exponential Backoff
/// And Jitter", AWS Architecture Blog, 2015), within a time and a budget. An attempt that hangs may
/// use up all of the time: a few attempts are made in any case.
///
/// A put that is tried again may find its own object: [PutResult#EXISTS] says no more than that
/// something is there.
final class RetryingBucket extends Layer {
  private static final long FIRST_DELAY_MILLIS = 100;
  private static final long LONGEST_DELAY_MILLIS = 10_000;
  private static final int FEWEST_ATTEMPTS = 3;

  private final long retryMillis;
  private final RetryBudget budget;
  private final BucketMeter meter;
  private final Clock clock;
  private final SecureRandom random;

  RetryingBucket(
      Bucket inner, long retryMillis, BucketMeter meter, Clock clock, SecureRandom random) {
    super(inner);
    this.retryMillis = retryMillis;
    this.budget = new RetryBudget(clock);
    this.meter = meter;
    this.clock = clock;
    this.random = random;
  }

  @Override
  <T> T around(Request request, Call<T> call)
      throws CorruptException, RefusedException, UnavailableException {
    long begun = clock.nanos();
    long bound = FIRST_DELAY_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        T result = call.run();
        budget.succeeded();
        return result;
      } catch (UnavailableException e) {
        long passed = (clock.nanos() - begun) / 1_000_000;
        if (passed >= retryMillis && (attempt >= FEWEST_ATTEMPTS || retryMillis == 0)) {
          meter.gaveUp();
          throw givenUp(e, attempt, passed);
        }
        long delay = Math.max(e.retryAfterMillis(), random.nextLong(bound + 1));
        long left = attempt < FEWEST_ATTEMPTS ? Long.MAX_VALUE : retryMillis - passed;
        pause(Math.min(delay + budget.takeMillis(), left), e);
        bound = Math.min(2 * bound, LONGEST_DELAY_MILLIS);
        meter.retried();
      }
    }
  }

  private void pause(long millis, UnavailableException e) throws UnavailableException {
    try {
      clock.sleepMillis(millis);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw e;
    }
  }

  private static UnavailableException givenUp(UnavailableException e, int attempts, long millis) {
    if (attempts == 1) {
      return e;
    }
    return new UnavailableException(
        e.getMessage() + " (" + attempts + " attempts in " + millis / 1000 + " s)", e.trouble(), e);
  }
}
