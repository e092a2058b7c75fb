package org.holdfast.stores;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/// Requests, or their answers, that a [FaultProxy] keeps back until a test lets them go.
///
/// A held request has left its client for good: its body is in the proxy, and it reaches the store
/// when it is released, even if the client has given it up. Threads may share it.
public final class Hold implements AutoCloseable {
  private final Predicate<Request> which;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Request> held = new ArrayList<>();
  private boolean released;

  Hold(Predicate<Request> which) {
    this.which = which;
  }

  /// Waits until so many have been held, and says which.
  public List<Request> await(int requests, Duration patience)
      throws InterruptedException, TimeoutException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (held.size() < requests) {
        if (left <= 0) {
          throw new TimeoutException("held only " + held + " of " + requests);
        }
        left = changed.awaitNanos(left);
      }
      return List.copyOf(held);
    } finally {
      lock.unlock();
    }
  }

  /// Lets all go, and holds no more.
  public void release() {
    lock.lock();
    try {
      released = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    release();
  }

  boolean wants(Request request) {
    lock.lock();
    try {
      return !released && which.test(request);
    } finally {
      lock.unlock();
    }
  }

  boolean isReleased() {
    lock.lock();
    try {
      return released;
    } finally {
      lock.unlock();
    }
  }

  /// Blocks until it is released.
  void hold(Request request) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      held.add(request);
      changed.signalAll();
      while (!released) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }
}
