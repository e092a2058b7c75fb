package org.holdfast.bucket;

import org.holdfast.core.Clock;

/// What all calls together may spend on retries, so that a store in trouble is not met with more
/// requests than before.
///
/// Capacity, cost and what a success returns are those of AWS's clients (their "standard" retry
/// mode). What comes back with time is ours: an outage slows calls down instead of failing them.
///
/// Safe for use by many threads.
final class RetryBudget {
  private static final double CAPACITY = 500;
  private static final double COST = 5;
  private static final double BY_SUCCESS = 1;
  private static final double BY_SECOND = 10;

  /// No retry waits longer. Without a bound a short outage that hundreds of calls meet would leave
  /// each of them one attempt, at the very end of its time.
  private static final double LONGEST_WAIT_SECONDS = 10;

  private final Clock clock;
  private double tokens = CAPACITY;
  private long refilledNanos;

  RetryBudget(Clock clock) {
    this.clock = clock;
    this.refilledNanos = clock.nanos();
  }

  /// Pays for one retry; the milliseconds until it is earned.
  synchronized long takeMillis() {
    long now = clock.nanos();
    tokens = Math.min(CAPACITY, tokens + (now - refilledNanos) / 1e9 * BY_SECOND);
    refilledNanos = now;
    tokens = Math.max(tokens - COST, -LONGEST_WAIT_SECONDS * BY_SECOND);
    return tokens >= 0 ? 0 : (long) Math.ceil(-tokens / BY_SECOND * 1000);
  }

  synchronized void succeeded() {
    tokens = Math.min(CAPACITY, tokens + BY_SUCCESS);
  }
}
