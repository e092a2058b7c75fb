package org.holdfast.server.session;

import org.holdfast.core.RefusedException;
import org.holdfast.log.LogWriter;
import org.holdfast.log.Segment;
import org.holdfast.server.shard.BackgroundMemory;

/// What a server's heap must have room for with these limits: all of its budgets full at the same
/// time (`docs/operations.md`, *Memory*).
///
/// A server whose heap is smaller would run for as long as its clients are few, and fall when they
/// are many: so it does not start.
public record HeapNeed(Limits limits) {
  private static final long MIB = 1 << 20;

  /// What a session's buffers take, in bytes.
  private static final long SESSION_BYTES = 300 << 10;

  /// Of an object that is damaged and read again, one at a time.
  private static final long DAMAGED_BYTES = 24 << 20;

  /// What the server holds for itself: what it runs through, rows on their way, TLS handshakes.
  private static final long OWN_BYTES = 32 << 20;

  /// Of a heap that is full Java spends its time looking for garbage: a tenth stays free.
  private static final long FREE_PART = 10;

  /// Java's serial collector keeps a thirtieth of `-Xmx` empty and does not count it.
  private static final long EMPTY_PART = 30;

  /// Heaps are asked for in steps of so many bytes.
  private static final long STEP_BYTES = 128 << 20;

  /// Whatever the settings are, in bytes.
  private static long fixedBytes() {
    long log = (LogWriter.IN_FLIGHT_MAX + 1L) * Segment.DATA_LENGTH_MAX;
    return log + BackgroundMemory.BYTES + Limits.REQUEST_BYTES + DAMAGED_BYTES + OWN_BYTES;
  }

  private long sessionBytes() {
    return limits.sessions() * SESSION_BYTES;
  }

  /// What is held when everything is full, in bytes.
  public long bytes() {
    return limits.storeBytes() + limits.fetchBytes() + sessionBytes() + fixedBytes();
  }

  /// Refuses a heap that has no room for it. `heapBytes` is what Java says that it may grow to.
  public void check(long heapBytes) throws RefusedException {
    long room = heapBytes / FREE_PART * (FREE_PART - 1);
    if (bytes() <= room) {
      return;
    }
    throw new RefusedException(
        "a server with these settings may hold %d MiB (`store-memory` %d, `fetch-memory` %d, %d"
                .formatted(
                    up(bytes()),
                    up(limits.storeBytes()),
                    up(limits.fetchBytes()),
                    limits.sessions())
            + " `sessions` %d, all else %d), and its heap of %d MiB has room for %d: %s"
                .formatted(
                    up(sessionBytes()),
                    up(fixedBytes()),
                    heapBytes / MIB,
                    room / MIB,
                    advice(bytes() - room)));
  }

  private String advice(long excess) {
    String heap = "give it a larger heap (HOLDFAST_JAVA_OPTS=-Xmx%dm)".formatted(up(heapBytes()));
    long largest = Math.max(limits.storeBytes(), limits.fetchBytes());
    if (sessionBytes() > largest) {
      long left = (sessionBytes() - excess) / SESSION_BYTES;
      return left < 1 ? heap : "set `sessions` to %d at most, or %s".formatted(left, heap);
    }
    long left = largest - excess;
    if (left < Limits.BYTES_MIN) {
      return heap;
    }
    String name = largest == limits.storeBytes() ? "store-memory" : "fetch-memory";
    return "set `%s` to %d at most, or %s".formatted(name, left / MIB, heap);
  }

  /// For `-Xmx`, in bytes.
  private long heapBytes() {
    long bytes = bytes() / (FREE_PART - 1) * FREE_PART / (EMPTY_PART - 1) * EMPTY_PART;
    return (bytes / STEP_BYTES + 1) * STEP_BYTES;
  }

  private static long up(long bytes) {
    return (bytes + MIB - 1) / MIB;
  }
}
