package org.holdfast.sim;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// All that happened in a run, as a number: two runs with the same number were the same, step by
/// step. On demand also as text.
final class Trace {
  private static final long PRIME = 0x100000001B3L;

  private final @Nullable PrintStream out;
  private long hash = 0xCBF29CE484222325L;

  /// Prints every event if there is a stream.
  Trace(@Nullable PrintStream out) {
    this.out = out;
  }

  /// FNV-1a of all that was noted, by words.
  long hash() {
    return hash;
  }

  void step(long number, long nowNanos, String process, @Nullable String thread) {
    mix(number);
    mix(nowNanos);
    mix(process.hashCode());
    mix(thread == null ? 0 : thread.hashCode());
    if (out != null) {
      print(nowNanos, process, "goes on: " + thread);
    }
  }

  /// Something that is worth a line.
  void note(long nowNanos, String process, String event) {
    mix(nowNanos);
    mix(process.hashCode());
    mix(event.hashCode());
    if (out != null) {
      print(nowNanos, process, event);
    }
  }

  private void print(long nowNanos, String process, String event) {
    if (out != null) {
      out.printf(Locale.ROOT, "%12.3f s  %-10s %s%n", nowNanos / 1e9, process, event);
    }
  }

  private void mix(long word) {
    hash = (hash ^ word) * PRIME;
    hash ^= hash >>> 29;
  }
}
