package org.holdfast.cli.console;

/// Something over time.
public final class Rate {
  private static final double NANOS = 1e9;

  private Rate() {}

  public static long perSecond(long amount, long nanos) {
    return nanos <= 0 ? 0 : (long) (amount * NANOS / nanos);
  }
}
