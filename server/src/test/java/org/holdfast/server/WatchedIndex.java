package org.holdfast.server;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.jspecify.annotations.Nullable;

/// An index that counts how often the owner looks a block up.
record WatchedIndex(Index inner, AtomicInteger byOwner) implements Index {
  WatchedIndex(Index inner) {
    this(inner, new AtomicInteger());
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    if (key[0] == 'b' && Thread.currentThread().getName().startsWith("shard")) {
      byOwner.incrementAndGet();
    }
    return inner.get(key);
  }

  @Override
  public void write(Batch batch) {
    inner.write(batch);
  }

  @Override
  public void scan(byte[] prefix, RowSink sink) {
    inner.scan(prefix, sink);
  }

  @Override
  public List<Row> page(byte[] prefix, byte[] after, int limit) {
    return inner.page(prefix, after, limit);
  }

  @Override
  public void flush() {
    inner.flush();
  }

  @Override
  public void close() {
    inner.close();
  }
}
