package org.holdfast.server.index;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/// Sorted rows as one of RocksDB's own files, which it takes over as it is.
///
/// In an index that was begun by this process it goes behind all that is there, to the bottom:
/// elsewhere RocksDB would put it on top as soon as another row lies between its first and its
/// last, and merge it with all the others there, which takes longer than all that came before.
final class RocksRows implements Index.SortedRows {
  /// Longer ones take the slower way.
  private static final int ROW_LENGTH_MAX = 256;

  private final RocksDB db;
  private final Path file;
  private final boolean isBehind;
  private final EnvOptions environment = new EnvOptions();
  private final SstFileWriter writer;

  /// Outside of Java's heap, where RocksDB can read them without a copy of each.
  private final ByteBuffer keyBytes = ByteBuffer.allocateDirect(ROW_LENGTH_MAX);

  private final ByteBuffer valueBytes = ByteBuffer.allocateDirect(ROW_LENGTH_MAX);
  private boolean isEmpty = true;

  RocksRows(RocksDB db, Options options, Path file, boolean isBehind) {
    this.db = db;
    this.file = file;
    this.isBehind = isBehind;
    this.writer = new SstFileWriter(environment, options);
    try {
      writer.open(file.toString());
    } catch (RocksDBException e) {
      close();
      throw new IndexException("written", e);
    }
  }

  @Override
  public void row(byte[] key, byte[] value) {
    try {
      if (Math.max(key.length, value.length) > ROW_LENGTH_MAX) {
        writer.put(key, value);
      } else {
        writer.put(keyBytes.clear().put(key).flip(), valueBytes.clear().put(value).flip());
      }
      isEmpty = false;
    } catch (RocksDBException e) {
      throw new IndexException("written", e);
    }
  }

  @Override
  public void end() {
    if (isEmpty) {
      return;
    }
    try (IngestExternalFileOptions moved = new IngestExternalFileOptions()) {
      writer.finish();
      moved.setMoveFiles(true);
      moved.setIngestBehind(isBehind);
      db.ingestExternalFile(List.of(file.toString()), moved);
    } catch (RocksDBException e) {
      throw new IndexException("written", e);
    }
  }

  @Override
  public void close() {
    writer.close();
    environment.close();
  }
}
