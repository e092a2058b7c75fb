package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InvariantException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BackgroundMemoryTest {
  private final BackgroundMemory memory = new BackgroundMemory();

  @Test
  void jobThatBeginsAgainHasNoMoreThanBefore() throws Exception {
    var first = memory.lease(BackgroundJob.CLEANING, BackgroundMemory.JOB_BYTES, () -> false);
    AtomicBoolean asked = new AtomicBoolean();
    CompletableFuture<Boolean> second = new CompletableFuture<>();
    Spawner.virtual()
        .spawn(
            "second",
            () -> {
              try (var _ =
                  memory.lease(
                      BackgroundJob.CLEANING,
                      1,
                      () -> {
                        asked.set(true);
                        return false;
                      })) {
                second.complete(true);
              } catch (HoldfastException e) {
                second.completeExceptionally(e);
              }
            });
    while (!asked.get()) {
      Thread.yield();
    }
    assertThat(second).isNotDone();
    assertThat(memory.heldBytes()).isEqualTo(BackgroundMemory.JOB_BYTES);
    first.close();
    assertThat(second.get()).isTrue();
  }

  @Test
  void allJobsTogetherHoldNoMoreThanTheBudget() throws Exception {
    var _ = memory.lease(BackgroundJob.CLEANING, BackgroundMemory.JOB_BYTES, () -> false);
    assertThatThrownBy(
            () -> memory.lease(BackgroundJob.SCRUB, BackgroundMemory.JOB_BYTES, () -> true))
        .isInstanceOf(UnavailableException.class);
    var _ =
        memory.lease(
            BackgroundJob.SCRUB, BackgroundMemory.BYTES - BackgroundMemory.JOB_BYTES, () -> true);
    assertThat(memory.heldBytes()).isEqualTo(BackgroundMemory.BYTES);
  }

  @Test
  void leakIsFoundWhenTheJobEnds() throws Exception {
    var lease = memory.lease(BackgroundJob.FREEING, 5, () -> false);
    assertThatThrownBy(() -> memory.checkReturned(BackgroundJob.FREEING))
        .isInstanceOf(InvariantException.class)
        .hasMessageContaining("freeing");
    lease.close();
    memory.checkReturned(BackgroundJob.FREEING);
  }

  @Test
  void leaseIsGivenBackOnce() throws Exception {
    var lease = memory.lease(BackgroundJob.FREEING, 5, () -> false);
    lease.close();
    assertThatThrownBy(lease::close).isInstanceOf(InvariantException.class);
    assertThat(memory.heldBytes()).isZero();
  }
}
