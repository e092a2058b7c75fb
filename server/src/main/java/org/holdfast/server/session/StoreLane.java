package org.holdfast.server.session;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// The blocks that one session has sent for one transaction: how many have no place in a segment
/// yet, and whether one has failed.
///
/// A client sends ahead, so what comes behind a failed block is answered with its failure, until
/// the transaction is begun again. Any thread.
final class StoreLane {
  // Not a monitor: who waits for one is woken by a thread of the JDK, in no order of anybody's.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int waiting;
  private boolean over;
  private @Nullable HoldfastException failure;

  void check() throws HoldfastException {
    lock.lock();
    try {
      if (failure != null) {
        throw failure;
      }
    } finally {
      lock.unlock();
    }
  }

  void sent() {
    lock.lock();
    try {
      waiting++;
    } finally {
      lock.unlock();
    }
  }

  /// A block has its place, or has failed.
  void done(@Nullable HoldfastException why) {
    lock.lock();
    try {
      waiting--;
      if (failure == null) {
        failure = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The session has ended: nobody needs the answer.
  void abandon() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until every block sent so far has its place; throws the failure of one that has not.
  void settle() throws HoldfastException {
    lock.lock();
    try {
      while (waiting > 0 && !over && failure == null) {
        changed.await();
      }
      check();
      if (over) {
        throw new RefusedException("the session is over");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the server is stopping: try again in a moment", 1000);
    } finally {
      lock.unlock();
    }
  }
}
