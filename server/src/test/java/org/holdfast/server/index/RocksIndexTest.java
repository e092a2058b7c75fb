package org.holdfast.server.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without the lock these end the process, not only the test.
class RocksIndexTest {
  private static final int ROWS = 20_000;

  @TempDir Path folder;

  @Test
  void closingWaitsForAScan() throws Exception {
    RocksIndex index = filled();
    CountDownLatch isScanning = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    int[] seen = {0};
    CompletableFuture<Void> scan =
        CompletableFuture.runAsync(() ->
            index.scan(
                new byte[0],
                (_, _) -> {
                  isScanning.countDown();
                  await(mayGoOn);
                  seen[0]++;
                }));
    isScanning.await();
    CompletableFuture<Void> close = CompletableFuture.runAsync(index::close);
    assertThatThrownBy(() -> close.get(200, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    mayGoOn.countDown();
    scan.join();
    close.join();
    assertThat(seen[0]).isEqualTo(ROWS);
  }

  @Test
  void whoReadsAfterCloseIsToldSo() throws Exception {
    RocksIndex index = filled();
    index.close();
    assertThatThrownBy(() -> index.scan(new byte[0], (_, _) -> {}))
        .isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> index.get(new byte[] {1})).isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> index.page(new byte[0], new byte[0], 1))
        .isInstanceOf(IndexException.class);
  }

  private RocksIndex filled() throws Exception {
    RocksIndex index = RocksIndex.open(folder.resolve("index"));
    Batch batch = new Batch();
    for (int i = 0; i < ROWS; i++) {
      batch.put(ByteBuffer.allocate(Integer.BYTES).putInt(i).array(), new byte[50]);
    }
    index.write(batch);
    return index;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
