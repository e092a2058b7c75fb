package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.BatchedRows;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.jspecify.annotations.Nullable;

/// An index that keeps the rows which a history comes back to, and lets all others pass: of blocks
/// and archives those of the transactions that it was told to keep, and partial archives; of
/// segments none. To a state over it, a row that was let pass is one that never was.
///
/// Not thread-safe.
final class PassingIndex implements Index {
  /// Where the rows of blocks and archives name their transaction (`docs/format.md`, "Replay").
  private static final int BLOCK_BEGUN_AT = 8;

  private static final int ARCHIVE_BEGUN_AT = 0;
  private static final int ARCHIVE_PARTIAL_AT = 24;

  /// The kinds of rows that a state asks for in their order.
  private static final String LISTED = "odxc";

  private final MemoryIndex listed = new MemoryIndex();
  private final Map<Bytes, byte[]> blocks = new HashMap<>();
  private final Map<Bytes, byte[]> others = new HashMap<>();

  /// The keys of the rows of each transaction that is kept.
  private final Map<Long, List<Bytes>> kept = new HashMap<>();

  private boolean isNew;

  /// Whether the block that is asked for next was never stored: it is not looked for among so many
  /// others.
  void isNew(boolean isIt) {
    isNew = isIt;
  }

  /// Keeps the rows of the transaction that this record began, from here on.
  void keep(long begun) {
    kept.put(begun, new ArrayList<>());
  }

  boolean isKept(long begun) {
    return kept.containsKey(begun);
  }

  /// The keys of the blocks of a transaction that is kept, also of those that are gone by now.
  List<Bytes> blocks(long begun) {
    return kept.getOrDefault(begun, List.of()).stream().filter(PassingIndex::isBlock).toList();
  }

  /// The record that stored the newest copy of a block that is kept.
  long stored(Bytes block) {
    byte[] row = Objects.requireNonNull(blocks.get(block), "a block that is kept has a row");
    return ByteBuffer.wrap(row).getLong();
  }

  /// How many blocks are kept.
  int size() {
    return blocks.size();
  }

  /// Lets pass what there is of the transaction but keys of runs; answers whether there was nothing
  /// else.
  boolean settle(long begun) {
    List<Bytes> left =
        new ArrayList<>(
            kept.getOrDefault(begun, List.of()).stream()
                .filter(key -> blocks.containsKey(key) || others.containsKey(key))
                .toList());
    if (left.isEmpty()) {
      kept.remove(begun);
      return true;
    }
    kept.put(begun, left);
    return left.stream().allMatch(key -> isBlock(key) && Block.of(key).kind() == BlockClass.RUN);
  }

  private static boolean isBlock(Bytes key) {
    return key.at(0) == 'b';
  }

  /// Lets pass what there is of the transaction.
  void forget(long begun) {
    List<Bytes> keys = kept.remove(begun);
    if (keys == null) {
      return;
    }
    for (Bytes key : keys) {
      (isBlock(key) ? blocks : others).remove(key);
    }
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    if (LISTED.indexOf(key[0]) >= 0) {
      return listed.get(key);
    }
    if (key[0] != 'b') {
      return others.get(Bytes.wrap(key));
    }
    return isNew ? null : blocks.get(Bytes.wrap(key));
  }

  @Override
  public void write(Batch batch) {
    Batch rest = new Batch();
    for (Batch.Change change : batch.changes()) {
      byte kind = change.key()[0];
      if (LISTED.indexOf(kind) >= 0) {
        putListed(change, rest);
      } else if (kind != 's') {
        put(Bytes.wrap(change.key()), change.value());
      }
    }
    listed.write(rest);
  }

  private static void putListed(Batch.Change change, Batch batch) {
    byte[] value = change.value();
    if (value == null) {
      batch.delete(change.key());
    } else {
      batch.put(change.key(), value);
    }
  }

  private void put(Bytes key, byte @Nullable [] value) {
    Map<Bytes, byte[]> rows = key.at(0) == 'b' ? blocks : others;
    if (value == null) {
      rows.remove(key);
    } else if (key.at(0) == 'b') {
      putOf(ByteBuffer.wrap(value).getLong(BLOCK_BEGUN_AT), key, value, rows);
    } else if (key.at(0) != 'r') {
      rows.put(key, value);
    } else if (!putOf(ByteBuffer.wrap(value).getLong(ARCHIVE_BEGUN_AT), key, value, rows)
        && value[ARCHIVE_PARTIAL_AT] != 0) {
      rows.put(key, value);
    }
  }

  /// Whether the transaction is kept.
  private boolean putOf(long begun, Bytes key, byte[] value, Map<Bytes, byte[]> rows) {
    List<Bytes> keys = kept.get(begun);
    if (keys != null && rows.put(key, value) == null) {
      keys.add(key);
    }
    return keys != null;
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    listed.scan(prefix, sink);
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return listed.page(prefix, after, limit);
  }

  @Override
  public SortedRows sorted(Path file) {
    return new BatchedRows(this);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
