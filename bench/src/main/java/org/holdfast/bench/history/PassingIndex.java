package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.holdfast.core.Bytes;
import org.holdfast.server.index.Batch;
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

  private final MemoryIndex others = new MemoryIndex();
  private final Map<Bytes, byte[]> blocks = new HashMap<>();

  /// The keys of the rows of each transaction that is kept.
  private final Map<Long, List<Bytes>> kept = new HashMap<>();

  /// Keeps the rows of the write transaction that this record began, from here on.
  void keep(long begun) {
    kept.put(begun, new ArrayList<>());
  }

  boolean isKept(long begun) {
    return kept.containsKey(begun);
  }

  /// The keys of the blocks of a transaction that is kept, also of those that are gone by now.
  List<Bytes> blocks(long begun) {
    return kept.getOrDefault(begun, List.of()).stream().filter(key -> key.at(0) == 'b').toList();
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

  /// Lets pass what there is of the transaction.
  void forget(long begun) {
    List<Bytes> keys = kept.remove(begun);
    if (keys == null) {
      return;
    }
    Batch gone = new Batch();
    for (Bytes key : keys) {
      if (key.at(0) == 'b') {
        blocks.remove(key);
      } else {
        gone.delete(key.toArray());
      }
    }
    others.write(gone);
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    return key[0] == 'b' ? blocks.get(Bytes.wrap(key)) : others.get(key);
  }

  @Override
  public void write(Batch batch) {
    Batch rest = new Batch();
    for (Batch.Change change : batch.changes()) {
      switch (change.key()[0]) {
        case 's' -> {}
        case 'b' -> block(Bytes.wrap(change.key()), change.value());
        case 'r' -> archive(change, rest);
        default -> put(change.key(), change.value(), rest);
      }
    }
    others.write(rest);
  }

  private void block(Bytes key, byte @Nullable [] value) {
    if (value == null) {
      blocks.remove(key);
      return;
    }
    List<Bytes> keys = kept.get(ByteBuffer.wrap(value).getLong(BLOCK_BEGUN_AT));
    if (keys != null && blocks.put(key, value) == null) {
      keys.add(key);
    }
  }

  private void archive(Batch.Change change, Batch rest) {
    byte[] value = change.value();
    if (value != null) {
      List<Bytes> keys = kept.get(ByteBuffer.wrap(value).getLong(ARCHIVE_BEGUN_AT));
      if (keys != null) {
        keys.add(Bytes.wrap(change.key()));
      } else if (value[ARCHIVE_PARTIAL_AT] == 0) {
        return;
      }
    }
    put(change.key(), value, rest);
  }

  private static void put(byte[] key, byte @Nullable [] value, Batch batch) {
    if (value == null) {
      batch.delete(key);
    } else {
      batch.put(key, value);
    }
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    others.scan(prefix, sink);
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return others.page(prefix, after, limit);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
