package org.holdfast.stores;

import org.holdfast.core.Clock;

/// Keeps a flow of bytes at a rate, whoever sends them. Any thread may call.
///
/// A flow that rested may catch up on a few milliseconds, since sleeps are that inexact, and no
/// more.
final class Pacer {
  private static final long CREDIT_NANOS = 20_000_000;

  /// A piece takes this part of a second at most, so that many share the flow evenly.
  private static final long PIECES_PER_SECOND = 20;

  private final Clock clock;
  private long freeNanos;

  Pacer(Clock clock) {
    this.clock = clock;
    this.freeNanos = clock.nanos();
  }

  /// How many bytes to send at once at a rate; 0: there is no limit.
  static int piece(int length, long bytesPerSecond) {
    if (bytesPerSecond == 0) {
      return length;
    }
    return (int) Math.min(length, Math.max(1, bytesPerSecond / PIECES_PER_SECOND));
  }

  /// Waits until the bytes may go.
  void pass(int bytes, long bytesPerSecond) throws InterruptedException {
    if (bytesPerSecond == 0) {
      return;
    }
    long waitNanos = reserve((long) (bytes * 1e9 / bytesPerSecond));
    if (waitNanos > 0) {
      clock.sleepMillis(waitNanos / 1_000_000);
    }
  }

  private synchronized long reserve(long nanos) {
    long now = clock.nanos();
    freeNanos = Math.max(freeNanos, now - CREDIT_NANOS) + nanos;
    return freeNanos - now;
  }
}
