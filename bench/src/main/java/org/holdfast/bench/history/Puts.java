package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.Invariant;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;

/// Segments on their way to the bucket, one after the other on a thread of their own: files are
/// made while the history goes on.
///
/// One thread calls every method.
final class Puts {
  /// Each has a header of some megabytes at most.
  private static final int WAITING_MAX = 32;

  private final SparseBucket bucket;
  private final LinkedBlockingQueue<Runnable> todo = new LinkedBlockingQueue<>();
  private final Deque<CompletableFuture<PutResult>> waiting = new ArrayDeque<>();

  Puts(SparseBucket bucket, Spawner spawner) {
    this.bucket = bucket;
    spawner.spawn("puts", this::work);
  }

  private void work() {
    try {
      while (true) {
        todo.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Puts a segment soon. Throws if an earlier one could not be put.
  void put(SegmentId id, List<ByteBuffer> body) throws UnavailableException {
    CompletableFuture<PutResult> done = new CompletableFuture<>();
    waiting.addLast(done);
    todo.add(() -> {
      try {
        done.complete(bucket.putIfAbsent(id.key(), body));
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    });
    while (waiting.size() > WAITING_MAX) {
      await(waiting.removeFirst());
    }
  }

  /// Waits until all are in the bucket.
  void drain() throws UnavailableException {
    while (!waiting.isEmpty()) {
      await(waiting.removeFirst());
    }
  }

  private static void await(CompletableFuture<PutResult> put) throws UnavailableException {
    try {
      Invariant.check(put.get() == PutResult.CREATED, "an empty folder has room for a log");
    } catch (ExecutionException e) {
      throw new UnavailableException("a segment could not be put: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }
}
