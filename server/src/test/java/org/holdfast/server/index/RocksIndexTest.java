package org.holdfast.server.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;

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

  @Test
  void sortedRowsOfANewIndexGoToTheBottomWhateverLiesBetweenThem() throws Exception {
    Path at = folder.resolve("index");
    try (RocksIndex index = RocksIndex.open(at)) {
      put(index, 5, 50);
      sorted(index, 2, 4, 6, 8);
      put(index, 15);
      sorted(index, 12, 18);
      index.flush();
    }
    try (Options options = new Options();
        RocksDB db = RocksDB.openReadOnly(options, at.toString())) {
      assertThat(db.getProperty("rocksdb.num-files-at-level6")).isEqualTo("2");
    }
    try (RocksIndex index = RocksIndex.open(at)) {
      put(index, 30);
      sorted(index, 28, 32);
      List<Integer> found = new ArrayList<>();
      index.scan(
          new byte[0],
          (key, value) -> {
            assertThat(value).isEqualTo(key);
            found.add(ByteBuffer.wrap(key).getInt());
          });
      assertThat(found).containsExactly(2, 4, 5, 6, 8, 12, 15, 18, 28, 30, 32, 50);
    }
  }

  /// So many rows that are written meanwhile that their files would be merged, down to where the
  /// sorted ones are to lie.
  @Test
  void sortedRowsOfANewIndexFindTheirPlaceHoweverMuchIsWrittenMeanwhile() throws Exception {
    try (RocksIndex index = RocksIndex.open(folder.resolve("index"))) {
      index.beginLoad();
      for (int i = 0; i < 20; i++) {
        put(index, i, 1000 - i);
        index.flush();
      }
      sorted(index, 100, 200);
      sorted(index, 300, 400);
      index.endLoad();
      int[] found = {0};
      index.scan(new byte[0], (_, _) -> found[0]++);
      assertThat(found[0]).isEqualTo(44);
    }
  }

  private void sorted(RocksIndex index, int... rows) {
    try (Index.SortedRows sorted = index.sorted(folder.resolve("rows-" + rows[0]))) {
      for (int row : rows) {
        sorted.row(bytes(row), bytes(row));
      }
      sorted.end();
    }
  }

  private static void put(RocksIndex index, int... rows) {
    Batch batch = new Batch();
    for (int row : rows) {
      batch.put(bytes(row), bytes(row));
    }
    index.write(batch);
  }

  private static byte[] bytes(int row) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(row).array();
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
