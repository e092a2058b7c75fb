package org.holdfast.server.drill;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket that a drill reads: what it asks is counted, and waits for its turn if the [Pace] is
/// gentle. It cannot be written through this.
///
/// Any thread.
public final class DrillBucket implements Bucket {
  private final Bucket inner;
  private final Pace pace;

  /// In the order in which they come: what is read ahead comes in its turn, and is not kept.
  private final ReentrantLock turn = new ReentrantLock(true);

  private final AtomicLong gets = new AtomicLong();
  private final AtomicLong lists = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  public DrillBucket(Bucket inner, Pace pace) {
    this.inner = inner;
    this.pace = pace;
  }

  /// Requests for objects so far.
  public long gets() {
    return gets.get();
  }

  /// Requests for listings so far.
  public long lists() {
    return lists.get();
  }

  /// Bytes of objects that were read.
  public long bytes() {
    return bytes.get();
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    boolean isAlone = enter();
    try {
      long began = pace.begin();
      try {
        gets.incrementAndGet();
        Optional<Range> found = inner.get(key, offset, length);
        found.ifPresent(range -> bytes.addAndGet(range.bytes().length));
        return found;
      } finally {
        pace.end(began);
      }
    } finally {
      leave(isAlone);
    }
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    boolean isAlone = enter();
    try {
      long began = pace.begin();
      try {
        lists.incrementAndGet();
        return inner.list(prefix, startAfter, limit);
      } finally {
        pace.end(began);
      }
    } finally {
      leave(isAlone);
    }
  }

  private boolean enter() throws UnavailableException {
    if (!pace.isGentle()) {
      return false;
    }
    try {
      turn.lockInterruptibly();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while it waited for its turn", e);
    }
  }

  private void leave(boolean isAlone) {
    if (isAlone) {
      turn.unlock();
    }
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body) {
    throw writes();
  }

  @Override
  public void delete(String key) {
    throw writes();
  }

  private static RuntimeException writes() {
    Invariant.check(false, "a drill changes nothing in the bucket");
    return new IllegalStateException();
  }
}
