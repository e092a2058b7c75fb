package org.holdfast.client.restore;

import java.util.concurrent.atomic.AtomicLong;

/// How far a restore is, for who shows it meanwhile. Any thread.
///
/// The totals are known once the restore has begun. With a subtree or includes they are upper
/// bounds at first: a page counts as a whole until it is read.
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

  void expectLess(long entries, long bytes) {
    entriesTotal.addAndGet(-entries);
    bytesTotal.accumulateAndGet(bytes, (all, less) -> Math.max(0, all - less));
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
