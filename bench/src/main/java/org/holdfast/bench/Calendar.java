package org.holdfast.bench;

import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Clock;

/// The machine's clock, of which days can be skipped: both of its times go ahead, and whoever
/// sleeps wakes up when that is over.
final class Calendar implements Clock {
  private static final long NAP_MILLIS = 10;

  private final AtomicLong aheadMillis = new AtomicLong();

  void skip(long millis) {
    aheadMillis.addAndGet(millis);
  }

  @Override
  public long wallMillis() {
    return System.currentTimeMillis() + aheadMillis.get();
  }

  @Override
  public long nanos() {
    return System.nanoTime() + aheadMillis.get() * 1_000_000;
  }

  @Override
  public void sleepMillis(long millis) throws InterruptedException {
    long until = nanos() + millis * 1_000_000;
    Thread.sleep(Math.min(millis, NAP_MILLIS));
    for (long left = until - nanos(); left > 0; left = until - nanos()) {
      Thread.sleep(Math.min((left + 999_999) / 1_000_000, NAP_MILLIS));
    }
  }
}
