package org.holdfast.core;

import java.security.SecureRandom;

/// A transaction's name, drawn by the client, so that a repeated request is recognised.
///
/// 16 bytes; compared by value.
public record TransactionId(Bytes bytes) implements Comparable<TransactionId> {
  /// Length in bytes.
  public static final int LENGTH = 16;

  public TransactionId {
    Invariant.check(bytes.length() == LENGTH, "TransactionId has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static TransactionId of(byte[] bytes) {
    return new TransactionId(Bytes.copyOf(bytes));
  }

  public static TransactionId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new TransactionId(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(TransactionId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
