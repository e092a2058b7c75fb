package org.holdfast.server;

import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.jspecify.annotations.Nullable;

/// An index that counts how often the owner looks a block up.
final class WatchedIndex extends ForwardingIndex {
  private final AtomicInteger byOwner = new AtomicInteger();

  WatchedIndex(Index inner) {
    super(inner);
  }

  AtomicInteger byOwner() {
    return byOwner;
  }

  @Override
  public byte @Nullable [] get(byte[] key) {
    if (key[0] == 'b' && Thread.currentThread().getName().startsWith("shard")) {
      byOwner.incrementAndGet();
    }
    return super.get(key);
  }
}
