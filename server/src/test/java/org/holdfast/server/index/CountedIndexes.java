package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.rocksdb.HistogramType;
import org.rocksdb.RocksDB;
import org.rocksdb.Statistics;

/// Opens indexes of RocksDB, and counts what they sync.
public final class CountedIndexes implements Index.Opening {
  private static final long SMALL_LENGTH = 4 << 20;

  private final AtomicInteger files = new AtomicInteger();
  private final AtomicInteger flushes = new AtomicInteger();
  private final Statistics statistics;

  public CountedIndexes() throws UnavailableException {
    RocksLibrary.load();
    statistics = new Statistics();
  }

  @Override
  public Index open(Path folder) throws RefusedException, UnavailableException {
    RocksIndex index =
        RocksIndex.open(
            folder,
            SMALL_LENGTH,
            SMALL_LENGTH,
            (options, at) -> RocksDB.open(options.setStatistics(statistics), at));
    return new ForwardingIndex(index) {
      @Override
      public SortedRows sorted(Path file) {
        files.incrementAndGet();
        return super.sorted(file);
      }

      @Override
      public void flush() {
        flushes.incrementAndGet();
        super.flush();
      }
    };
  }

  /// Files of sorted rows that were begun: each is synced once when it is taken over.
  public int files() {
    return files.get();
  }

  /// How often all rows were asked to be on the disk.
  public int flushes() {
    return flushes.get();
  }

  /// Syncs of RocksDB's log, which there should be none of.
  public long logSyncs() {
    return count(HistogramType.WAL_FILE_SYNC_MICROS);
  }

  /// Syncs of tables that it has written, and of its list of tables.
  public long tableSyncs() {
    return count(HistogramType.TABLE_SYNC_MICROS)
        + count(HistogramType.COMPACTION_OUTFILE_SYNC_MICROS)
        + count(HistogramType.MANIFEST_FILE_SYNC_MICROS);
  }

  private long count(HistogramType type) {
    return statistics.getHistogramData(type).getCount();
  }
}
