package org.holdfast.bucket;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.Clock;

/// Time that passes when somebody waits, and only then.
final class TestClock implements Clock {
  private final List<Long> sleeps = new ArrayList<>();
  private long nanos;

  @Override
  public synchronized long wallMillis() {
    return nanos / 1_000_000;
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void sleepMillis(long millis) {
    sleeps.add(millis);
    nanos += millis * 1_000_000;
  }

  synchronized void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  synchronized List<Long> sleeps() {
    return List.copyOf(sleeps);
  }
}
