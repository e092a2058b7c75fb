package org.holdfast.server.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.holdfast.core.Spawner;
import org.holdfast.server.index.Index;

/// Sums up the fingerprints of rows that one thread hands in: hashing takes as long as reading, so
/// other threads hash meanwhile, some megabytes of rows behind at most.
///
/// Used by one thread.
final class RowSums implements Index.RowSink {
  private static final int BATCH_ROWS = 4096;
  private static final int BATCHES = 4;

  private final Spawner spawner;
  private final Deque<CompletableFuture<Fingerprint>> hashing = new ArrayDeque<>();
  private List<Index.Row> rows = new ArrayList<>();
  private Fingerprint sum = Fingerprint.ZERO;

  RowSums(Spawner spawner) {
    this.spawner = spawner;
  }

  @Override
  public void row(byte[] key, byte[] value) {
    rows.add(new Index.Row(key, value));
    if (rows.size() == BATCH_ROWS) {
      hand();
    }
  }

  /// Of all rows.
  Fingerprint sum() {
    while (!hashing.isEmpty()) {
      take();
    }
    sum = sum.plus(hash(rows));
    rows = new ArrayList<>();
    return sum;
  }

  private void hand() {
    if (hashing.size() == BATCHES) {
      take();
    }
    List<Index.Row> batch = rows;
    rows = new ArrayList<>(BATCH_ROWS);
    CompletableFuture<Fingerprint> result = new CompletableFuture<>();
    hashing.addLast(result);
    spawner.spawn("hash rows", () -> hash(batch, result));
  }

  private void take() {
    try {
      sum = sum.plus(hashing.removeFirst().join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException unexpected) {
        throw unexpected;
      }
      throw e;
    }
  }

  private static void hash(List<Index.Row> batch, CompletableFuture<Fingerprint> result) {
    try {
      result.complete(hash(batch));
    } catch (Throwable e) {
      // Unheard, it would leave the taker waiting.
      result.completeExceptionally(e);
    }
  }

  private static Fingerprint hash(List<Index.Row> batch) {
    RowDigest hash = new RowDigest();
    Fingerprint sum = Fingerprint.ZERO;
    for (Index.Row row : batch) {
      sum = sum.plus(hash.of(row.key(), row.value()));
    }
    return sum;
  }
}
