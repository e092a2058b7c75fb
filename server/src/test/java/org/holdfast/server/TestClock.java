package org.holdfast.server;

import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Clock;

/// Time passes when somebody sleeps, and then at once, unless it is held.
public final class TestClock implements Clock {
  public static final long START = 1_767_225_600_000L;
  private final AtomicLong millis = new AtomicLong(START);
  private final AtomicLong jumps = new AtomicLong();
  private volatile boolean held;

  @Override
  public long wallMillis() {
    return millis.get() + jumps.get();
  }

  /// Somebody sets the wall clock.
  public void jump(long by) {
    jumps.addAndGet(by);
  }

  /// Time passes for everybody.
  public void pass(long forMillis) {
    millis.addAndGet(forMillis);
  }

  /// Whoever sleeps wakes up at once and no time has passed: of those who try again and again
  /// nobody knows how often they do.
  public void hold(boolean isHeld) {
    held = isHeld;
  }

  @Override
  public long nanos() {
    return millis.get() * 1_000_000;
  }

  @Override
  public void sleepMillis(long pause) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (!held) {
      millis.addAndGet(pause);
    }
    // Who tries again and again must not keep others from their turn.
    Thread.yield();
  }
}
