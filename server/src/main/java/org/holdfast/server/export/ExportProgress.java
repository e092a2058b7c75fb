package org.holdfast.server.export;

import java.util.concurrent.atomic.AtomicLong;

/// How far an export is. Any thread.
public final class ExportProgress {
  private final AtomicLong segments = new AtomicLong();
  private final AtomicLong segmentsTotal = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong bytesTotal = new AtomicLong();

  void headers(long done, long all) {
    segments.set(done);
    segmentsTotal.set(all);
  }

  void begins(long allBytes) {
    bytesTotal.set(allBytes);
  }

  void copied(long more) {
    bytes.addAndGet(more);
  }

  /// Headers of the service's log that are read, which comes first.
  public long segments() {
    return segments.get();
  }

  public long segmentsTotal() {
    return segmentsTotal.get();
  }

  /// Of blocks that are copied.
  public long bytes() {
    return bytes.get();
  }

  /// 0 until it is known.
  public long bytesTotal() {
    return bytesTotal.get();
  }
}
