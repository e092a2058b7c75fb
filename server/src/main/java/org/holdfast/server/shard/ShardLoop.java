package org.holdfast.server.shard;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Predicate;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// The one thread that owns a shard: takes events, one after the other, in the order they come.
///
/// The queue needs no bound of its own: an event is posted by a session that waits for it, by a
/// store within the session's credit, by one of the few segments on their way, or by a background
/// job that waits for it.
final class ShardLoop {
  private final LinkedBlockingQueue<Item> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /// `defect` hears, on the owner's thread, of an event that failed in a way that no rule foresees,
  /// an `Error` too, and answers whether events may go on. `last` runs there when no event will any
  /// more.
  void start(Spawner spawner, String name, Predicate<Throwable> defect, Runnable last) {
    spawner.spawn(name, () -> run(defect, last));
  }

  /// Runs the event on the owner's thread, soon.
  void post(Runnable event) {
    add(new Item(Optional.of(event), () -> {}));
  }

  /// Runs the event on the owner's thread and waits for its result.
  <T> T call(Event<T> event) throws HoldfastException {
    return await(submit(event));
  }

  /// Runs the event on the owner's thread.
  <T> CompletableFuture<T> submit(Event<T> event) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Runnable run =
        () -> {
          try {
            result.complete(event.run());
          } catch (HoldfastException e) {
            result.completeExceptionally(e);
          } catch (Throwable e) {
            result.completeExceptionally(e);
            throw e;
          }
        };
    add(new Item(Optional.of(run), () -> result.completeExceptionally(stopped())));
    return result;
  }

  /// Whether an event waits for the owner. Any thread.
  boolean isBusy() {
    return !events.isEmpty();
  }

  /// No event that is posted later will run. Returns when the last one has.
  void stop() {
    add(new Item(Optional.empty(), () -> {}));
    ended.join();
  }

  private void run(Predicate<Throwable> defect, Runnable last) {
    try {
      for (var next = events.take().run; next.isPresent(); next = events.take().run) {
        if (!ran(next.get(), defect)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(last);
    }
  }

  private void end(Runnable last) {
    try {
      last.run();
    } finally {
      ended.complete(null);
      failRest();
    }
  }

  private static boolean ran(Runnable event, Predicate<Throwable> defect) {
    try {
      event.run();
      return true;
    } catch (Throwable e) {
      return defect.test(e);
    }
  }

  private void add(Item item) {
    events.add(item);
    if (ended.isDone()) {
      failRest();
    }
  }

  /// Whoever adds an event after the end finds the end and fails it, or the end finds the event:
  /// nobody waits for an event that never runs.
  private void failRest() {
    for (Item item = events.poll(); item != null; item = events.poll()) {
      item.fail.run();
    }
  }

  /// The result, or the failure as what it was.
  static <T> T await(CompletableFuture<T> result) throws HoldfastException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof HoldfastException expected) {
        throw expected;
      }
      if (e.getCause() instanceof RuntimeException defect) {
        throw defect;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped();
    }
  }

  static UnavailableException stopped() {
    return new UnavailableException("the server is stopping: try again in a moment", 1000);
  }

  /// An event, or the end of all; `fail` tells whoever waits that it will never run.
  private record Item(Optional<Runnable> run, Runnable fail) {}

  /// Something that the owner does.
  interface Event<T> {
    T run() throws HoldfastException;
  }
}
