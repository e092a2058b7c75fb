package org.holdfast.server.index;

/// Sorted rows for an index that has no faster way: as batches.
public final class BatchedRows implements Index.SortedRows {
  private static final int BATCH = 1000;

  private final Index index;
  private Batch batch = new Batch();

  public BatchedRows(Index index) {
    this.index = index;
  }

  @Override
  public void row(byte[] key, byte[] value) {
    batch.put(key, value);
    if (batch.changes().size() == BATCH) {
      end();
    }
  }

  @Override
  public void end() {
    index.write(batch);
    batch = new Batch();
  }

  @Override
  public void close() {}
}
