package org.holdfast.core;

import java.security.SecureRandom;

/// Names an invite. Half of its token; the other half is a secret whose hash the server holds.
///
/// 16 bytes; compared by value.
public record InviteId(Bytes bytes) implements Comparable<InviteId> {
  /// Length in bytes.
  public static final int LENGTH = 16;

  public InviteId {
    Invariant.check(bytes.length() == LENGTH, "InviteId has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static InviteId of(byte[] bytes) {
    return new InviteId(Bytes.copyOf(bytes));
  }

  public static InviteId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new InviteId(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(InviteId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
