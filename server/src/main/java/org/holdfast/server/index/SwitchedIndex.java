package org.holdfast.server.index;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// For who reads an index that is closed and opened again in another place meanwhile: reads wait in
/// between. Writes nothing, and closes no index.
///
/// Any thread.
public final class SwitchedIndex implements Index {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private @Nullable Index target;
  private int reads;
  private boolean isOver;

  public SwitchedIndex(Index first) {
    this.target = first;
  }

  /// Reads wait. Returns when none is under way.
  public void pause() {
    lock.lock();
    try {
      target = null;
      while (reads > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// From here on reads are of this one.
  public void goOn(Index next) {
    lock.lock();
    try {
      target = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Reads fail from here on. Returns when none is under way.
  public void end() {
    lock.lock();
    try {
      isOver = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    pause();
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    Index now = enter();
    try {
      return now.get(key);
    } finally {
      leave();
    }
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    var _ =
        read(index -> {
          index.scan(prefix, sink);
          return true;
        });
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return read(index -> index.page(prefix, after, limit));
  }

  private <T> T read(Function<Index, T> reading) {
    Index now = enter();
    try {
      return reading.apply(now);
    } finally {
      leave();
    }
  }

  private Index enter() {
    lock.lock();
    try {
      while (target == null && !isOver) {
        changed.awaitUninterruptibly();
      }
      if (target == null || isOver) {
        throw new IndexException("read", new IllegalStateException("it is thrown away"));
      }
      reads++;
      return target;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      reads--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void write(Batch batch) {
    throw new UnsupportedOperationException("who reads here writes nothing");
  }

  @Override
  public SortedRows sorted(Path file) {
    throw new UnsupportedOperationException("who reads here writes nothing");
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
