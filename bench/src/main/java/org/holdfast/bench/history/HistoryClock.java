package org.holdfast.bench.history;

import org.holdfast.core.Clock;

/// The time in a history: it stands still until it is told to go on.
final class HistoryClock implements Clock {
  /// 2026-01-01.
  private static final long START_MILLIS = 1_767_225_600_000L;

  private long passedMillis;

  void pass(long millis) {
    passedMillis += millis;
  }

  @Override
  public long wallMillis() {
    return START_MILLIS + passedMillis;
  }

  @Override
  public long nanos() {
    return passedMillis * 1_000_000;
  }

  @Override
  public void sleepMillis(long millis) {
    pass(millis);
  }
}
