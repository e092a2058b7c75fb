package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.List;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/// Sorted rows as one of RocksDB's own files, which it takes over as it is.
final class RocksRows implements Index.SortedRows {
  private final RocksDB db;
  private final Path file;
  private final EnvOptions environment = new EnvOptions();
  private final SstFileWriter writer;
  private boolean isEmpty = true;

  RocksRows(RocksDB db, Options options, Path file) {
    this.db = db;
    this.file = file;
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
      writer.put(key, value);
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
