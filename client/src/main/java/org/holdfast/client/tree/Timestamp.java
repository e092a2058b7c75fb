package org.holdfast.client.tree;

import org.holdfast.core.Invariant;

/// A moment as file systems keep it: seconds since 1970 of either sign, and 0 to 999,999,999
/// nanoseconds after them. Not `Instant`, whose range is smaller than that of a file system.
public record Timestamp(long seconds, int nanos) implements Comparable<Timestamp> {
  private static final int NANOS_END = 1_000_000_000;

  public Timestamp {
    Invariant.check(nanos >= 0 && nanos < NANOS_END, "nanoseconds are below one second");
  }

  @Override
  public int compareTo(Timestamp other) {
    int bySeconds = Long.compare(seconds, other.seconds);
    return bySeconds != 0 ? bySeconds : Integer.compare(nanos, other.nanos);
  }

  @Override
  public String toString() {
    return "%d.%09d".formatted(seconds, nanos);
  }
}
