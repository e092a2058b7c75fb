package org.holdfast.client.backup;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// How far a backup has come, for whoever shows it. Written by the backup, read by any thread.
public final class BackupProgress {
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong newBytes = new AtomicLong();
  private final AtomicReference<byte[]> current = new AtomicReference<>(new byte[0]);

  /// Regular files seen.
  public long files() {
    return files.get();
  }

  /// Bytes of regular files, read or known to be unchanged.
  public long bytes() {
    return bytes.get();
  }

  /// Bytes of sealed blocks handed to the server, besides the root.
  public long newBytes() {
    return newBytes.get();
  }

  /// The path being looked at, without its leading slash; empty before the first.
  public byte[] current() {
    return current.get().clone();
  }

  void at(byte[] path) {
    current.set(path);
  }

  void file() {
    files.incrementAndGet();
  }

  void bytes(long more) {
    bytes.addAndGet(more);
  }

  void stored(long more) {
    newBytes.addAndGet(more);
  }
}
