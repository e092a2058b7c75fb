package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/// A number that two equal states share: an order-independent sum modulo 2^128 over hashed rows.
///
/// A multiset hash after Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing"
/// (AdHash, 1997). It guards against accident, not against somebody who picks rows: who can do that
/// can also write the digest.
public record StateDigest(long high, long low) {
  /// The digest of nothing.
  public static final StateDigest ZERO = new StateDigest(0, 0);

  /// Length in bytes.
  public static final int LENGTH = 16;

  public StateDigest plus(StateDigest other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new StateDigest(high + other.high + carry, sum);
  }

  public StateDigest minus(StateDigest other) {
    long borrow = Long.compareUnsigned(low, other.low) < 0 ? 1 : 0;
    return new StateDigest(high - other.high - borrow, low - other.low);
  }

  void writeTo(ByteBuffer out) {
    out.putLong(high).putLong(low);
  }

  /// As [#toString] writes it; empty for anything else.
  public static Optional<StateDigest> parse(String text) {
    return text.matches("[0-9a-f]{32}")
        ? Optional.of(
            new StateDigest(
                HexFormat.fromHexDigitsToLong(text, 0, 16),
                HexFormat.fromHexDigitsToLong(text, 16, 32)))
        : Optional.empty();
  }

  @Override
  public String toString() {
    return String.format("%016x%016x", high, low);
  }
}
