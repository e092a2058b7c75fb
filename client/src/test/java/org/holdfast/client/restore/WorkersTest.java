package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WorkersTest {
  @Test
  void everythingThatIsSubmittedRuns() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    Workers.Group group = new Workers.Group();
    try (Workers workers = new Workers(Spawner.platform(), 3)) {
      for (int i = 0; i < 1_000; i++) {
        workers.submit(group, 100_000, ran::incrementAndGet);
      }
      workers.await(group);
      assertThat(ran).hasValue(1_000);
    }
  }

  /// What a worker opens and writes is in memory as well.
  @Test
  void whatIsWorkedOnCountsAgainstTheBound() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    Workers.Group group = new Workers.Group();
    try (Workers workers = new Workers(Spawner.platform(), 2)) {
      for (int i = 0; i < 2; i++) {
        workers.submit(group, Workers.BYTES_MAX / 2, () -> await(mayEnd));
      }
      CompletableFuture<Boolean> third = new CompletableFuture<>();
      Thread submitter =
          Spawner.platform().spawn("submit", () -> third.complete(submit(workers, group)));
      while (submitter.isAlive() && submitter.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      boolean wasFull = !third.isDone();
      mayEnd.countDown();
      assertThat(third.get()).isTrue();
      assertThat(wasFull).isTrue();
      workers.await(group);
    }
  }

  private static boolean submit(Workers workers, Workers.Group group) {
    try {
      workers.submit(group, 1, () -> {});
      return true;
    } catch (RestoreStopped e) {
      return false;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void errorOfAWorkerReachesWhoWaits() throws Exception {
    for (Error error : new Error[] {new OutOfMemoryError("heap"), new StackOverflowError()}) {
      Workers.Group group = new Workers.Group();
      try (Workers workers = new Workers(Spawner.platform(), 2)) {
        workers.submit(
            group,
            1,
            () -> {
              throw error;
            });
        assertThatThrownBy(() -> workers.await(group))
            .isInstanceOfSatisfying(
                RestoreStopped.class,
                stopped -> assertThatThrownBy(stopped::unwrap).isSameAs(error));
        assertThatThrownBy(() -> workers.submit(group, 1, () -> {}))
            .isInstanceOf(RestoreStopped.class);
      }
    }
  }

  /// A job that throws what no signature allows leaves its thread dead before it can say so.
  @Test
  void workerThatDiesIsNotWaitedFor() throws Exception {
    Workers.Group group = new Workers.Group();
    Spawner quiet =
        (name, task) ->
            Spawner.platform()
                .spawn(
                    name,
                    () -> {
                      try {
                        task.run();
                      } catch (Throwable _) {
                        // As a thread's death, without its noise.
                      }
                    });
    try (Workers workers = new Workers(quiet, 2)) {
      workers.submit(group, 1, () -> WorkersTest.<RuntimeException>throwUnseen());
      assertThatThrownBy(() -> workers.await(group))
          .isInstanceOf(RestoreStopped.class)
          .hasMessageContaining("--resume");
    }
  }

  @SuppressWarnings("unchecked") // that is the point
  private static <X extends Exception> void throwUnseen() throws X {
    throw (X) new Exception("unforeseen");
  }
}
