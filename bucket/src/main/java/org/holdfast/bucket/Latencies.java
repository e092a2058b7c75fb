package org.holdfast.bucket;

import java.util.Arrays;

/// How long the last calls of one sort took.
///
/// Safe for use by many threads.
final class Latencies {
  private static final int KEPT = 256;

  private final long[] nanos = new long[KEPT];
  private final int least;
  private long count;
  private long slow = Long.MAX_VALUE;

  /// Looked at anew after each `least` calls, and from the first so many on.
  Latencies(int least) {
    this.least = least;
  }

  synchronized void add(long took) {
    nanos[(int) (count % KEPT)] = took;
    count++;
    if (count % least == 0) {
      long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, KEPT));
      Arrays.sort(sorted);
      slow = sorted[sorted.length * 95 / 100];
    }
  }

  /// Nanoseconds that 95 of 100 calls did not take; the greatest number while too few are known.
  synchronized long slowNanos() {
    return slow;
  }
}
