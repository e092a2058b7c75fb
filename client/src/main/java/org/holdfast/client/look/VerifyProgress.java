package org.holdfast.client.look;

import java.util.concurrent.atomic.AtomicLong;

/// How far a verification has come, for whoever shows it. Any thread.
public final class VerifyProgress {
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong chunks = new AtomicLong();
  private final AtomicLong chunksWanted = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();

  /// Entries read.
  public long entries() {
    return entries.get();
  }

  /// Chunks read and opened.
  public long chunks() {
    return chunks.get();
  }

  /// Chunks that are to be read; 0 before that is known.
  public long chunksWanted() {
    return chunksWanted.get();
  }

  /// Sealed bytes of chunks.
  public long bytes() {
    return bytes.get();
  }

  void entry() {
    entries.incrementAndGet();
  }

  void chunk(long sealed) {
    chunks.incrementAndGet();
    bytes.addAndGet(sealed);
  }

  void want(long count) {
    chunksWanted.set(count);
  }
}
