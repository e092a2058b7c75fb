package org.holdfast.protocol;

import org.holdfast.core.Clock;

/// A clock that stands still until a test moves it.
final class SteppedClock implements Clock {
  private long millis;
  private int sleeps;

  @Override
  public synchronized long wallMillis() {
    return millis;
  }

  @Override
  public synchronized long nanos() {
    return millis * 1_000_000;
  }

  @Override
  public synchronized void sleepMillis(long duration) throws InterruptedException {
    long end = millis + duration;
    sleeps++;
    notifyAll();
    while (millis < end) {
      wait();
    }
  }

  /// Waits until that many sleeps have begun, then moves on.
  synchronized void advance(int afterSleeps, long duration) throws InterruptedException {
    while (sleeps < afterSleeps) {
      wait();
    }
    millis += duration;
    notifyAll();
  }

  /// Waits until that many sleeps have begun.
  synchronized void awaitSleeps(int count) throws InterruptedException {
    while (sleeps < count) {
      wait();
    }
  }
}
