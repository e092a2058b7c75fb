package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// A bucket that takes so many bytes a second and drops every so many-th put.
final class NarrowBucket implements Bucket {
  private static final int DROPPED = 7;

  private final Bucket inner;
  private final Clock clock;
  private final ReentrantLock line = new ReentrantLock();
  private final AtomicInteger puts = new AtomicInteger();
  private volatile long bytesASecond = Long.MAX_VALUE;

  NarrowBucket(Bucket inner, Clock clock) {
    this.inner = inner;
    this.clock = clock;
  }

  /// From here on.
  void narrow(long rate) {
    bytesASecond = rate;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    return inner.get(key, offset, length);
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    long bytes = body.stream().mapToLong(ByteBuffer::remaining).sum();
    line.lock();
    try {
      clock.sleepMillis(bytes * 1000 / bytesASecond);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      line.unlock();
    }
    if (bytesASecond != Long.MAX_VALUE && puts.incrementAndGet() % DROPPED == 0) {
      throw new UnavailableException("the bucket has dropped a put");
    }
    return inner.putIfAbsent(key, body);
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    return inner.list(prefix, startAfter, limit);
  }
}
