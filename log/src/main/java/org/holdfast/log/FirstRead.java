package org.holdfast.log;

import java.util.concurrent.atomic.AtomicInteger;

/// How much to fetch to see a header whole, going by those that were seen: a log's headers are
/// about as long as each other, and what is fetched behind one is thrown away.
///
/// The most that was needed, which fades: by a 16th of what was too much with each header.
///
/// Any thread.
final class FirstRead {
  /// No file system or store reads less at a time.
  private static final int PAGE_LENGTH = 4 << 10;

  private static final int FADING = 16;

  private final int most;
  private final AtomicInteger length;

  /// Never more than `most` bytes, and so many at first.
  FirstRead(int most) {
    this.most = most;
    this.length = new AtomicInteger(most);
  }

  /// In bytes, whole pages.
  int length() {
    return Math.min(most, (length.get() + PAGE_LENGTH - 1) / PAGE_LENGTH * PAGE_LENGTH);
  }

  /// A header had so many bytes.
  void saw(int headerLength) {
    // The next one may be a little longer.
    int needed = Math.min(most, headerLength + headerLength / 8);
    length.updateAndGet(now -> needed > now ? needed : now - (now - needed + FADING - 1) / FADING);
  }
}
