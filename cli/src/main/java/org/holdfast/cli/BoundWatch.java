package org.holdfast.cli;

/// What has bounded a rebuild since it was asked last. Not thread-safe.
final class BoundWatch {
  private final int processors;
  private long atNanos;
  private long usedNanos;
  private long waitedNanos;
  private Bound last = Bound.BUCKET;

  BoundWatch(int processors) {
    this.processors = processors;
  }

  /// All since some beginning: the time, what was used of processors, what was waited for the
  /// bucket.
  Bound now(long nanos, long used, long waited) {
    long passed = nanos - atNanos;
    if (passed > 0) {
      last =
          Bound.of(
              (double) (used - usedNanos) / passed / processors,
              (double) (waited - waitedNanos) / passed);
      atNanos = nanos;
      usedNanos = used;
      waitedNanos = waited;
    }
    return last;
  }
}
