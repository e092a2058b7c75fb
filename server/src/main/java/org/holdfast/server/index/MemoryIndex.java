package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/// An index that is gone with its process: for a service inside the client that finds its folder
/// locked, and for tests.
public final class MemoryIndex implements Index {
  private final ConcurrentSkipListMap<byte[], byte[]> rows =
      new ConcurrentSkipListMap<>(Arrays::compareUnsigned);

  @Override
  public byte @Nullable [] get(byte[] key) {
    return rows.get(key);
  }

  @Override
  public void write(Batch batch) {
    for (Batch.Change change : batch.changes()) {
      byte[] value = change.value();
      if (value == null) {
        rows.remove(change.key());
      } else {
        rows.put(change.key(), value);
      }
    }
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    for (var row : rows.tailMap(prefix, true).entrySet()) {
      if (!startsWith(row.getKey(), prefix)) {
        return;
      }
      sink.row(row.getKey(), row.getValue());
    }
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return rows.tailMap(after, false).entrySet().stream()
        .takeWhile(row -> startsWith(row.getKey(), prefix))
        .limit(limit)
        .map(row -> new Row(row.getKey(), row.getValue()))
        .toList();
  }

  @Override
  public SortedRows sorted(Path file) {
    return new BatchedRows(this);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
