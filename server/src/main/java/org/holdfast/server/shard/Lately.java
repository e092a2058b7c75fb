package org.holdfast.server.shard;

import org.holdfast.core.Clock;

/// How much there was of something of late: in so many minutes, or since the start if that is not
/// so long ago. Kept in pieces of which the oldest goes as a whole, so it looks back a twelfth less
/// at times.
///
/// Any thread.
final class Lately {
  private static final int PIECES = 12;

  private final Clock clock;
  private final long begunNanos;
  private final long pieceNanos;
  private final long[] sums = new long[PIECES];

  /// Of the piece that it is now, from 0.
  private long number;

  Lately(Clock clock, int minutes) {
    this.clock = clock;
    this.begunNanos = clock.nanos();
    this.pieceNanos = minutes * 60L * 1_000_000_000 / PIECES;
  }

  synchronized void add(long amount) {
    turn();
    sums[(int) (number % PIECES)] += amount;
  }

  synchronized long sum() {
    turn();
    long sum = 0;
    for (long each : sums) {
      sum += each;
    }
    return sum;
  }

  /// How much of it there is an hour. The first minute counts as a whole one: what happens in a
  /// second says nothing of an hour.
  synchronized long hourly() {
    long sum = sum();
    long fromNanos = Math.max(0, number - PIECES + 1) * pieceNanos;
    double seconds = Math.max(60, (clock.nanos() - begunNanos - fromNanos) / 1e9);
    return Math.round(sum * 3600.0 / seconds);
  }

  private void turn() {
    long now = (clock.nanos() - begunNanos) / pieceNanos;
    // Beyond a whole turn all of it is past.
    for (long each = Math.max(number + 1, now - PIECES + 1); each <= now; each++) {
      sums[(int) (each % PIECES)] = 0;
    }
    number = now;
  }
}
