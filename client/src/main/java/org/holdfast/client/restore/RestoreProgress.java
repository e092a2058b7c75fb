package org.holdfast.client.restore;

import java.util.concurrent.atomic.AtomicLong;

/// How far a restore is, for who shows it meanwhile. Any thread.
///
/// The totals are upper bounds, known once the restore has begun: with a subtree or includes, pages
/// count as a whole.
public final class RestoreProgress {
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong entries = new AtomicLong();
  private final AtomicLong bytesTotal = new AtomicLong();
  private final AtomicLong entriesTotal = new AtomicLong();

  /// Bytes of files that are in place, holes included.
  public long bytes() {
    return bytes.get();
  }

  /// Entries that are dealt with.
  public long entries() {
    return entries.get();
  }

  public long bytesTotal() {
    return bytesTotal.get();
  }

  public long entriesTotal() {
    return entriesTotal.get();
  }

  void expect(long moreEntries, long moreBytes) {
    entriesTotal.addAndGet(moreEntries);
    bytesTotal.accumulateAndGet(moreBytes, RestoreProgress::sum);
  }

  void addBytes(long more) {
    bytes.accumulateAndGet(more, RestoreProgress::sum);
  }

  void addEntries(long more) {
    entries.addAndGet(more);
  }

  /// Sparse files can claim more bytes than a number holds: then the sum is the largest.
  static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
