package org.holdfast.core;

import java.security.SecureRandom;

/// Who pays for machines.
///
/// 16 bytes; compared by value.
public record AccountId(Bytes bytes) implements Comparable<AccountId> {
  /// Length in bytes.
  public static final int LENGTH = 16;

  public AccountId {
    Invariant.check(bytes.length() == LENGTH, "AccountId has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static AccountId of(byte[] bytes) {
    return new AccountId(Bytes.copyOf(bytes));
  }

  public static AccountId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new AccountId(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(AccountId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
