package org.holdfast.server;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.core.Clock;

/// Time passes when somebody sleeps, who is held up for a moment only: a week takes seconds, and
/// threads that look now and then leave the processor to others.
public final class SteppingClock implements Clock {
  private static final long MOMENT_NANOS = 200_000;

  private final AtomicLong millis = new AtomicLong(TestClock.START);

  /// Time passes for everybody.
  void pass(long span) {
    millis.addAndGet(span);
  }

  @Override
  public long wallMillis() {
    return millis.get();
  }

  @Override
  public long nanos() {
    return millis.get() * 1_000_000;
  }

  @Override
  public void sleepMillis(long pause) throws InterruptedException {
    millis.addAndGet(pause);
    LockSupport.parkNanos(MOMENT_NANOS);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
