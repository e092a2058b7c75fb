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

/// Reads one thing for each item of a list, several at a time, and hands them out in the list's
/// order. Whatever a read throws, an `Error` too, is thrown to whoever takes its result.
///
/// Used by one thread.
public final class ReadAhead<I, R> {
  /// Reads in flight. An object store answers one in 20 to 100 ms, so that many keep a core busy.
  /// More would be faster over a long way, but each may hold a header of a megabyte, and a client
  /// that runs the service inside itself has a heap of 72.
  public static final int READS_MAX = 32;

  private final Iterator<I> items;
  private final Spawner spawner;
  private final Read<I, R> read;
  private final Deque<CompletableFuture<R>> ahead = new ArrayDeque<>();

  public ReadAhead(List<I> items, Spawner spawner, Read<I, R> read) {
    this.items = items.iterator();
    this.spawner = spawner;
    this.read = read;
  }

  /// Whether there is a result to come.
  public boolean hasNext() {
    return !ahead.isEmpty() || items.hasNext();
  }

  /// The next result; waits for it.
  public R next() throws HoldfastException {
    while (ahead.size() < READS_MAX && items.hasNext()) {
      start(items.next());
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

  private void start(I item) {
    CompletableFuture<R> result = new CompletableFuture<>();
    ahead.addLast(result);
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
}
