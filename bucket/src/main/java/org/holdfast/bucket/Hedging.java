package org.holdfast.bucket;

/// When a get is asked a second time.
///
/// @param known gets of a size of which it is known how long they took, before one is called slow
/// @param share of all gets that may be asked twice
public record Hedging(int known, double share) {
  /// J. Dean and L. A. Barroso found that asking for one in twenty again is enough.
  public static final Hedging USUAL = new Hedging(32, 0.05);
}
