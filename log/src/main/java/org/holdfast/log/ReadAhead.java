package org.holdfast.log;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Reads one thing for each item of a source, several at a time, and hands them out in the source's
/// order. Whatever a read throws, an `Error` too, is thrown to whoever takes its result; so is what
/// the source throws in an item's place.
///
/// Results that come before their turn are kept, as far as the [Bounds] go, and other reads begin
/// meanwhile: one slow read does not hold the others up. After a failure no other begins until
/// somebody asks for the next result.
///
/// Taken from by one thread.
public final class ReadAhead<I, R> implements Source<R> {
  private final Source<I> items;
  private final Bounds<R> bounds;
  private final Spawner spawner;
  private final Read<I, R> read;

  /// Guards all that follows, and the source.
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<CompletableFuture<R>> ahead = new ArrayDeque<>();
  private int reading;
  private long keptBytes;

  /// Whether the last result was a failure: who took it hardly wants what lies behind.
  private boolean hasFailed;

  public ReadAhead(Source<I> items, Bounds<R> bounds, Spawner spawner, Read<I, R> read) {
    this.items = items;
    this.bounds = bounds;
    this.spawner = spawner;
    this.read = read;
  }

  public ReadAhead(List<I> items, Bounds<R> bounds, Spawner spawner, Read<I, R> read) {
    this(new Listed<>(items.iterator()), bounds, spawner, read);
  }

  @Override
  public boolean hasNext() {
    lock.lock();
    try {
      return !ahead.isEmpty() || items.hasNext();
    } finally {
      lock.unlock();
    }
  }

  /// The next result; waits for it.
  @Override
  public R next() throws HoldfastException {
    try {
      R result = first().get();
      taken(result);
      return result;
    } catch (ExecutionException e) {
      failed();
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while reading the log: try again", e);
    }
  }

  private CompletableFuture<R> first() {
    lock.lock();
    try {
      hasFailed = false;
      startAsMany();
      return ahead.removeFirst();
    } finally {
      lock.unlock();
    }
  }

  private void taken(R result) {
    lock.lock();
    try {
      keptBytes -= bounds.bytes.applyAsLong(result);
    } finally {
      lock.unlock();
    }
  }

  private void failed() {
    lock.lock();
    try {
      hasFailed = true;
    } finally {
      lock.unlock();
    }
  }

  private void startAsMany() {
    while (!hasFailed
        && items.hasNext()
        && (ahead.isEmpty()
            || (reading < bounds.reads
                && ahead.size() < bounds.kept
                && keptBytes < bounds.keptBytes))) {
      start();
    }
  }

  private void start() {
    CompletableFuture<R> result = new CompletableFuture<>();
    ahead.addLast(result);
    I item;
    try {
      item = items.next();
    } catch (HoldfastException e) {
      result.completeExceptionally(e);
      return;
    }
    reading++;
    try {
      spawner.spawn("read " + item, () -> read(item, result));
    } catch (Throwable e) {
      // Its turn comes all the same, and tells.
      reading--;
      result.completeExceptionally(e);
    }
  }

  private void read(I item, CompletableFuture<R> result) {
    try {
      R found = read.read(item);
      ended(bounds.bytes.applyAsLong(found));
      result.complete(found);
    } catch (Throwable e) {
      // Unheard, it would leave the taker waiting.
      ended(0);
      result.completeExceptionally(e);
    }
    lock.lock();
    try {
      startAsMany();
    } finally {
      lock.unlock();
    }
  }

  private void ended(long bytes) {
    lock.lock();
    try {
      reading--;
      keptBytes += bytes;
    } finally {
      lock.unlock();
    }
  }

  /// How far ahead.
  ///
  /// @param reads under way at a time
  /// @param kept results that wait for their turn, with those under way
  /// @param keptBytes beyond which no read begins
  /// @param bytes that a result counts for
  public record Bounds<R>(int reads, int kept, long keptBytes, ToLongFunction<R> bytes) {
    /// By number alone.
    public static <R> Bounds<R> of(int reads) {
      return new Bounds<>(reads, reads, Long.MAX_VALUE, _ -> 0);
    }
  }

  /// Reads what belongs to one item.
  public interface Read<I, R> {
    R read(I item) throws HoldfastException;
  }

  private record Listed<I>(Iterator<I> items) implements Source<I> {
    @Override
    public boolean hasNext() {
      return items.hasNext();
    }

    @Override
    public I next() {
      return items.next();
    }
  }
}
