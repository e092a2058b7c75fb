package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// A bucket whose puts wait behind a gate, or fail; reads are counted, and work unless told not to.
/// It may forget an object for a while.
final class GatedBucket implements Bucket {
  /// What happens to puts.
  enum Gate {
    OPEN,
    CLOSED,
    FAILING,
    FULL,
    BROKEN
  }

  private final Bucket inner;
  private Gate gate = Gate.OPEN;
  private int puts;
  volatile boolean noMemory;
  final AtomicInteger gets = new AtomicInteger();
  volatile boolean failsReads;
  private String forgotten = "";
  private int forgets;
  private String hidden = "";
  private int hiddenReads;
  private int hiddenListings;

  /// Runs after each read, before it is answered.
  volatile Runnable afterGet = () -> {};

  /// What the next read waits for, if anything.
  final AtomicReference<@Nullable CountDownLatch> nextGetAwaits = new AtomicReference<>();

  GatedBucket(Bucket inner) {
    this.inner = inner;
  }

  /// The next `times` reads of this object do not find it, nor does a listing until then.
  synchronized void forget(String key, int times) {
    forgotten = key;
    forgets = times;
  }

  /// The next `reads` of this object do not find it, and the next `listings` do not show it.
  synchronized void hide(String key, int reads, int listings) {
    hidden = key;
    hiddenReads = reads;
    hiddenListings = listings;
  }

  private synchronized boolean isHidden(String key) {
    return key.equals(hidden) && hiddenReads-- > 0;
  }

  private synchronized String hiddenNow() {
    return hiddenListings-- > 0 ? hidden : "";
  }

  private synchronized boolean forgets(String key, int read) {
    if (forgets == 0 || !key.equals(forgotten)) {
      return false;
    }
    forgets -= read;
    return true;
  }

  synchronized void set(Gate next) {
    gate = next;
    notifyAll();
  }

  /// Waits until so many puts have come to the gate.
  synchronized void awaitPuts(int count) throws InterruptedException {
    while (puts < count) {
      wait();
    }
  }

  synchronized int puts() {
    return puts;
  }

  @Override
  public Optional<Range> get(String key, long offset, int length)
      throws CorruptException, RefusedException, UnavailableException {
    gets.incrementAndGet();
    if (noMemory) {
      throw new OutOfMemoryError("there is none");
    }
    if (failsReads) {
      throw new UnavailableException("the bucket is away");
    }
    CountDownLatch awaited = nextGetAwaits.getAndSet(null);
    if (awaited != null) {
      try {
        awaited.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Optional<Range> found =
        forgets(key, 1) || isHidden(key) ? Optional.empty() : inner.get(key, offset, length);
    afterGet.run();
    return found;
  }

  @Override
  public PutResult putIfAbsent(String key, List<ByteBuffer> body)
      throws RefusedException, UnavailableException {
    pass();
    return inner.putIfAbsent(key, body);
  }

  private synchronized void pass() throws RefusedException, UnavailableException {
    puts++;
    notifyAll();
    try {
      while (gate == Gate.CLOSED) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    switch (gate) {
      case FAILING -> throw new UnavailableException("the bucket is away");
      case FULL -> throw new RefusedException("the disk is full: make room");
      case BROKEN -> throw new IllegalStateException("a defect of the bucket's code");
      default -> {}
    }
  }

  @Override
  public void delete(String key) throws RefusedException, UnavailableException {
    inner.delete(key);
  }

  @Override
  public Listing list(String prefix, String startAfter, int limit)
      throws RefusedException, UnavailableException {
    Listing found = inner.list(prefix, startAfter, limit);
    String away = hiddenNow();
    return new Listing(
        found.objects().stream()
            .filter(each -> !forgets(each.key(), 0) && !each.key().equals(away))
            .toList(),
        found.more());
  }
}
