package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// The index in a folder, kept by RocksDB without a log of its own: the log in the bucket is the
/// log. One column family, so that after a crash the rows are those of one moment.
///
/// RocksDB crashes the process that uses it after close: calls that any thread may make (`get`,
/// `page`, `scan`, `linkTo`) hold a lock that close takes. `write` and `flush` do not: they are the
/// owner's, who makes none of them once it closes; so with `sorted`.
public final class RocksIndex implements Index {
  /// What Java's heap may hold tells how large the process is meant to be: a client that runs the
  /// service inside itself must stay small, a server need not.
  private static final long HEAP_LENGTH = Runtime.getRuntime().maxMemory();

  /// What the index may hold in memory besides its block cache: two write buffers, in bytes.
  private static final long WRITE_BUFFER_LENGTH = Math.clamp(HEAP_LENGTH / 16, 4 << 20, 32 << 20);

  /// Share of a write buffer that keeps misses off it: a new block's row is looked for before it is
  /// written.
  private static final double BUFFER_FILTER_SHARE = 0.05;

  /// Of an index beside another one, that nobody waits for: its cache, and each write buffer.
  private static final long SMALL_LENGTH = 4 << 20;

  private static final long CACHE_LENGTH = Math.clamp(HEAP_LENGTH / 8, 8 << 20, 64 << 20);

  /// Bits a key in the filters that keep misses off the disk: about 1 % false positives.
  private static final double FILTER_BITS = 10;

  private final Options options;
  private final LRUCache cache;
  private final BloomFilter filter;
  private final WriteOptions unlogged =
      new WriteOptions().setDisableWAL(true).setMemtableInsertHintPerBatch(true);
  private final RocksDB db;
  private final boolean isNew;
  private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();
  private boolean closed;

  private RocksIndex(
      Options options, LRUCache cache, BloomFilter filter, RocksDB db, boolean isNew) {
    this.options = options;
    this.cache = cache;
    this.filter = filter;
    this.db = db;
    this.isNew = isNew;
  }

  /// Opens the index in this folder, or makes one.
  ///
  /// Throws [UnavailableException] if another process has it open, or the disk is full,
  /// [RefusedException] if it cannot be read: it may be deleted then, it is only a cache.
  public static RocksIndex open(Path folder) throws RefusedException, UnavailableException {
    return open(folder, CACHE_LENGTH, WRITE_BUFFER_LENGTH, RocksDB::open);
  }

  /// As [#open], with little memory.
  public static RocksIndex openSmall(Path folder) throws RefusedException, UnavailableException {
    return open(folder, SMALL_LENGTH, SMALL_LENGTH, RocksDB::open);
  }

  static RocksIndex open(Path folder, long cacheLength, long writeBufferLength, Opener opener)
      throws RefusedException, UnavailableException {
    RocksLibrary.load();
    boolean isNew = isNew(folder);
    LRUCache cache = new LRUCache(cacheLength);
    BloomFilter filter = new BloomFilter(FILTER_BITS, false);
    Options options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(writeBufferLength)
            .setMemtablePrefixBloomSizeRatio(BUFFER_FILTER_SHARE)
            .setMemtableWholeKeyFiltering(true)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setMaxOpenFiles(256)
            .setKeepLogFileNum(2)
            .setAllowIngestBehind(isNew)
            .setMaxLogFileSize(1 << 20)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(filter));
    try {
      RocksDB db = opener.open(options, folder.toString());
      return new RocksIndex(options, cache, filter, db, isNew);
    } catch (RocksDBException e) {
      options.close();
      filter.close();
      cache.close();
      if (isLocked(e)) {
        throw new UnavailableException(
            "the index in " + folder + " is in use by another process: wait for it, or stop it", e);
      }
      if (isNoSpace(e)) {
        throw new UnavailableException(
            "the disk is full that the index in " + folder + " is on: make room, start again", e);
      }
      throw new RefusedException(
          "the index in " + folder + " cannot be opened (" + e.getMessage() + ")", e);
    }
  }

  /// What cannot be read is told by who opens it.
  private static boolean isNew(Path folder) {
    try (Options any = new Options()) {
      return RocksDB.listColumnFamilies(any, folder.toString()).isEmpty();
    } catch (RocksDBException e) {
      return true;
    }
  }

  private static boolean isLocked(RocksDBException e) {
    Status status = e.getStatus();
    return status != null
        && status.getCode() == Status.Code.IOError
        && e.getMessage() != null
        && e.getMessage().contains("LOCK");
  }

  private static boolean isNoSpace(RocksDBException e) {
    Status status = e.getStatus();
    return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || String.valueOf(e.getMessage()).contains("No space left on device");
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    closing.readLock().lock();
    try {
      checkOpen("read");
      return db.get(key);
    } catch (RocksDBException e) {
      throw new IndexException("read", e);
    } finally {
      closing.readLock().unlock();
    }
  }

  @Override
  public void write(Batch batch) {
    try (WriteBatch rows = new WriteBatch()) {
      for (Batch.Change change : batch.sorted()) {
        byte[] value = change.value();
        if (value == null) {
          rows.delete(change.key());
        } else {
          rows.put(change.key(), value);
        }
      }
      db.write(unlogged, rows);
    } catch (RocksDBException e) {
      throw new IndexException("written", e);
    }
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    closing.readLock().lock();
    try {
      checkOpen("scanned");
      scanOpen(prefix, sink);
    } finally {
      closing.readLock().unlock();
    }
  }

  private void scanOpen(byte[] prefix, RowSink sink) {
    try (ReadOptions sequential = new ReadOptions().setFillCache(false).setReadaheadSize(4 << 20);
        RocksIterator rows = db.newIterator(sequential)) {
      for (rows.seek(prefix); rows.isValid(); rows.next()) {
        byte[] key = rows.key();
        if (!MemoryIndex.startsWith(key, prefix)) {
          return;
        }
        sink.row(key, rows.value());
      }
      rows.status();
    } catch (RocksDBException e) {
      throw new IndexException("scanned", e);
    }
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    List<Row> page = new ArrayList<>();
    closing.readLock().lock();
    try {
      checkOpen("read");
      try (RocksIterator rows = db.newIterator()) {
        for (rows.seek(after); rows.isValid() && page.size() < limit; rows.next()) {
          byte[] key = rows.key();
          if (!MemoryIndex.startsWith(key, prefix)) {
            break;
          }
          if (!Arrays.equals(key, after)) {
            page.add(new Row(key, rows.value()));
          }
        }
        rows.status();
      }
      return page;
    } catch (RocksDBException e) {
      throw new IndexException("read", e);
    } finally {
      closing.readLock().unlock();
    }
  }

  @Override
  public SortedRows sorted(Path file) {
    return new RocksRows(db, options, file, isNew);
  }

  @Override
  public void beginLoad() {
    merge(false);
  }

  @Override
  public void endLoad() {
    merge(true);
  }

  private void merge(boolean isAllowed) {
    try {
      db.setOptions(
          MutableColumnFamilyOptions.builder().setDisableAutoCompactions(!isAllowed).build());
    } catch (RocksDBException e) {
      throw new IndexException("written", e);
    }
  }

  /// What is in the write buffers comes to the disk with it. Rows of one batch are in the same
  /// buffer, so what is linked is as of the end of some batch.
  @Override
  public boolean linkTo(Path folder) {
    closing.readLock().lock();
    try {
      checkOpen("linked");
      try (Checkpoint files = Checkpoint.create(db)) {
        files.createCheckpoint(folder.toString());
      }
      return true;
    } catch (RocksDBException e) {
      throw new IndexException("linked", e);
    } finally {
      closing.readLock().unlock();
    }
  }

  /// With little memory, as [#openSmall].
  @Override
  public RocksIndex openLinked(Path folder) throws RefusedException, UnavailableException {
    return open(folder, SMALL_LENGTH, SMALL_LENGTH, RocksDB::openReadOnly);
  }

  @Override
  public void flush() {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    } catch (RocksDBException e) {
      throw new IndexException("flushed", e);
    }
  }

  @Override
  public void close() {
    closing.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      db.close();
      unlogged.close();
      options.close();
      filter.close();
      cache.close();
    } finally {
      closing.writeLock().unlock();
    }
  }

  private void checkOpen(String verb) {
    if (closed) {
      throw new IndexException(verb, new IllegalStateException("it is closed"));
    }
  }

  /// One of RocksDB's ways to open a folder.
  interface Opener {
    RocksDB open(Options options, String folder) throws RocksDBException;
  }
}
