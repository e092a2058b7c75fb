package org.holdfast.client.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Threads that compare the content of files while the walks go on. The queue between is bounded.
final class ContentReaders {
  private static final int QUEUED = 64;

  private final SourceTree original;
  private final SourceTree restored;
  private final Differences differences;
  private final BlockingQueue<Task> tasks = new ArrayBlockingQueue<>(QUEUED);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<@Nullable RuntimeException> fault = new AtomicReference<>();

  ContentReaders(SourceTree original, SourceTree restored, Differences differences) {
    this.original = original;
    this.restored = restored;
    this.differences = differences;
  }

  void start(Spawner spawner, int count) {
    for (int number = 0; number < count; number++) {
      threads.add(spawner.spawn("compare-" + number, this::run));
    }
  }

  /// Waits if the readers lag behind.
  void add(byte[] path, FileStatus originalStatus, FileStatus restoredStatus)
      throws InterruptedException {
    tasks.put(new Compare(path, originalStatus, restoredStatus));
  }

  /// Waits for what was added. Returns how many bytes were compared.
  long finish() throws InterruptedException {
    tasks.put(new Stop());
    for (Thread thread : threads) {
      thread.join();
    }
    RuntimeException thrown = fault.get();
    if (thrown != null) {
      throw thrown;
    }
    return bytes.get();
  }

  /// Makes the readers end soon, whatever is queued.
  void abandon() {
    for (Thread thread : threads) {
      thread.interrupt();
    }
  }

  private void run() {
    ContentComparison comparison = new ContentComparison();
    try {
      while (tasks.take() instanceof Compare task) {
        compare(comparison, task);
      }
      tasks.put(new Stop());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// A fault of the program must not leave the walk waiting for a reader that is gone.
  private void compare(ContentComparison comparison, Compare task) {
    try (SourceFile left = original.open(task.path, task.original);
        SourceFile right = restored.open(task.path, task.restored)) {
      OptionalLong mismatch = comparison.mismatch(left, right);
      bytes.addAndGet(left.position());
      if (mismatch.isPresent()) {
        differences.add(task.path, "content differs at byte " + mismatch.getAsLong());
      }
    } catch (FileAccessException unreadable) {
      differences.add(task.path, "not compared: " + unreadable.getMessage());
    } catch (RuntimeException thrown) {
      fault.compareAndSet(null, thrown);
    }
  }

  private sealed interface Task permits Compare, Stop {}

  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Compare(byte[] path, FileStatus original, FileStatus restored) implements Task {}

  private record Stop() implements Task {}
}
