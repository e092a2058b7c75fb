package org.holdfast.protocol;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Bytes that may still be sent, or memory that may still be taken.
///
/// - What is taken is given back by [#give], once; more than that is the other end's mistake.
/// - Callers are served in the order in which they came, so that a large block is not overtaken for
///   ever by small ones.
/// - After [#fail] every call of [#take], waiting or to come, throws that failure.
///
/// Any thread.
public final class Credit {
  private final long totalBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Long> turns = new ArrayDeque<>();
  private long nextTurn;
  private long availableBytes;
  private @Nullable HoldfastException failure;

  public Credit(long totalBytes) {
    this.totalBytes = totalBytes;
    this.availableBytes = totalBytes;
  }

  /// Waits until it is the caller's turn and that much is there, then takes it.
  public void take(long bytes) throws HoldfastException {
    Invariant.check(take(bytes, () -> false), "nobody gives up who never does");
  }

  /// As [#take], unless `givesUp` says so meanwhile, which is asked again after each [#wake].
  /// Answers whether it was taken.
  public boolean take(long bytes, BooleanSupplier givesUp) throws HoldfastException {
    Invariant.check(bytes >= 0 && bytes <= totalBytes, "no more is taken than there can be");
    lock.lock();
    Long turn = nextTurn++;
    turns.addLast(turn);
    try {
      while (failure == null && (!turn.equals(turns.peekFirst()) || availableBytes < bytes)) {
        if (givesUp.getAsBoolean()) {
          return false;
        }
        changed.awaitUninterruptibly();
      }
      if (failure != null) {
        throw failure;
      }
      availableBytes -= bytes;
      return true;
    } finally {
      turns.remove(turn);
      changed.signalAll();
      lock.unlock();
    }
  }

  /// Has everybody who waits ask again whether to give up.
  public void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Takes that much if it is there and nobody waits; for an end that checks what the other sends.
  public boolean tryTake(long bytes) {
    lock.lock();
    try {
      if (failure != null || !turns.isEmpty() || availableBytes < bytes) {
        return false;
      }
      availableBytes -= bytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Gives back what was taken. Throws [CorruptException] if that is more than was taken.
  public void give(long bytes) throws CorruptException {
    lock.lock();
    try {
      if (bytes < 0 || bytes > totalBytes - availableBytes) {
        throw new CorruptException("more credit was given back than was taken");
      }
      availableBytes += bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Lets nobody take any more. The first failure stays.
  public void fail(HoldfastException why) {
    lock.lock();
    try {
      if (failure == null) {
        failure = why;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public long availableBytes() {
    lock.lock();
    try {
      return availableBytes;
    } finally {
      lock.unlock();
    }
  }
}
