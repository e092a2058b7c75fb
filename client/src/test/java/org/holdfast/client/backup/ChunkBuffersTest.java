package org.holdfast.client.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

final class ChunkBuffersTest {
  private static final int LENGTH = 256 << 10;

  private final ChunkBuffers buffers = new ChunkBuffers(LENGTH);

  @Test
  void theyGrowAndAreUsedAgain() throws Exception {
    ChunkBuffer first = buffers.first();
    ChunkBuffer second = buffers.after(first);
    ChunkBuffer third = buffers.after(second);
    assertThat(List.of(first.length(), second.length(), third.length()))
        .containsExactly(LENGTH / 4, LENGTH / 2, LENGTH);
    third.hold();
    third.release();
    ChunkBuffer other = buffers.after(third);
    assertThat(other.bytes()).isNotSameAs(third.bytes());
    third.release();
    assertThat(buffers.after(other).bytes()).isSameAs(third.bytes());
  }

  @Test
  void whoeverWantsTooManyWaits() throws Exception {
    ChunkBuffer last = buffers.after(buffers.after(buffers.first()));
    List<ChunkBuffer> held = new ArrayList<>(List.of(last));
    CompletableFuture<ChunkBuffer> next = soon(last);
    while (isDone(next)) {
      held.add(next.join());
      next = soon(last);
    }
    assertThat(held).hasSizeBetween(3, 8);
    held.getFirst().release();
    assertThat(next.get(20, TimeUnit.SECONDS).bytes()).isSameAs(last.bytes());
    CompletableFuture<ChunkBuffer> never = soon(held.getLast());
    buffers.fail(new UnavailableException("over"));
    assertThatThrownBy(() -> never.get(20, TimeUnit.SECONDS)).hasMessageContaining("over");
  }

  private CompletableFuture<ChunkBuffer> soon(ChunkBuffer full) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return buffers.after(full);
      } catch (HoldfastException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    });
  }

  private static boolean isDone(CompletableFuture<ChunkBuffer> next) throws Exception {
    try {
      var _ = next.get(300, TimeUnit.MILLISECONDS);
      return true;
    } catch (java.util.concurrent.TimeoutException e) {
      return false;
    }
  }
}
