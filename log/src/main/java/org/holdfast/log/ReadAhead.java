package org.holdfast.log;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Reads one thing for each item of a source, several at a time, and hands them out in the source's
/// order. Whatever a read throws, an `Error` too, is thrown to whoever takes its result; so is what
/// the source throws in an item's place.
///
/// It keeps the results that came before their turn, at most `readsMax` with those on their way:
/// one slow read does not hold the others up as long as that is a multiple of what the bucket
/// serves at once.
///
/// Used by one thread.
public final class ReadAhead<I, R> implements Source<R> {
  private final Source<I> items;
  private final int readsMax;
  private final Spawner spawner;
  private final Read<I, R> read;
  private final Deque<CompletableFuture<R>> ahead = new ArrayDeque<>();

  public ReadAhead(Source<I> items, int readsMax, Spawner spawner, Read<I, R> read) {
    this.items = items;
    this.readsMax = readsMax;
    this.spawner = spawner;
    this.read = read;
  }

  public ReadAhead(List<I> items, int readsMax, Spawner spawner, Read<I, R> read) {
    this(new Listed<>(items.iterator()), readsMax, spawner, read);
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty() || items.hasNext();
  }

  /// The next result; waits for it.
  @Override
  public R next() throws HoldfastException {
    while (ahead.size() < readsMax && items.hasNext()) {
      start();
    }
    try {
      return ahead.removeFirst().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while reading the log: try again", e);
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
    spawner.spawn(
        "read " + item,
        () -> {
          try {
            result.complete(read.read(item));
          } catch (Throwable e) {
            // Unheard, it would leave the taker waiting.
            result.completeExceptionally(e);
          }
        });
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
