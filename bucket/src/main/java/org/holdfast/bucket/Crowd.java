package org.holdfast.bucket;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Runs a task many times at once, a thread each.
final class Crowd {
  private final Spawner spawner;

  Crowd(Spawner spawner) {
    this.spawner = spawner;
  }

  /// What one of them does, told which it is.
  interface Task<T> {
    T run(int number) throws RefusedException, UnavailableException;
  }

  /// Returns when all have ended, the results in the order of their numbers. If some failed, the
  /// first of these failures is thrown.
  <T> List<T> all(int count, Task<T> task) throws RefusedException, UnavailableException {
    List<Optional<T>> results =
        new ArrayList<>(IntStream.range(0, count).mapToObj(_ -> Optional.<T>empty()).toList());
    Collection<Throwable> failures = new ConcurrentLinkedQueue<>();
    CountDownLatch left = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      int number = i;
      spawner.spawn(
          "probe",
          () -> {
            try {
              Optional<T> result = Optional.of(task.run(number));
              synchronized (results) {
                results.set(number, result);
              }
            } catch (Throwable e) { // Whatever it is, somebody waits for it.
              failures.add(e);
            } finally {
              left.countDown();
            }
          });
    }
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while it tried the bucket", e);
    }
    for (Throwable each : failures) {
      switch (each) {
        case RefusedException refused -> throw refused;
        case UnavailableException unavailable -> throw unavailable;
        default -> throw new IllegalStateException(each);
      }
    }
    return results.stream().map(Optional::orElseThrow).toList();
  }
}
