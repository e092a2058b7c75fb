package org.holdfast.protocol;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// A reply that has yet to come. Any thread, any number of times.
public final class Pending<T> {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settled = lock.newCondition();
  private @Nullable T value;
  private @Nullable HoldfastException failure;

  /// Waits for the reply, or throws the failure that came instead.
  public T await() throws HoldfastException {
    lock.lock();
    try {
      while (true) {
        if (value != null) {
          return value;
        }
        if (failure != null) {
          throw failure;
        }
        settled.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether [#await] would return or throw at once.
  public boolean isSettled() {
    lock.lock();
    try {
      return value != null || failure != null;
    } finally {
      lock.unlock();
    }
  }

  /// The first to settle it wins.
  void succeed(T with) {
    settle(with, null);
  }

  void fail(HoldfastException why) {
    settle(null, why);
  }

  private void settle(@Nullable T with, @Nullable HoldfastException why) {
    lock.lock();
    try {
      if (value == null && failure == null) {
        value = with;
        failure = why;
        settled.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }
}
