package org.holdfast.core;

import java.security.SecureRandom;

/// One set of keys and one name space of blocks.
///
/// 16 bytes; compared by value.
public record MachineId(Bytes bytes) implements Comparable<MachineId> {
  /// Length in bytes.
  public static final int LENGTH = 16;

  public MachineId {
    Invariant.check(bytes.length() == LENGTH, "MachineId has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static MachineId of(byte[] bytes) {
    return new MachineId(Bytes.copyOf(bytes));
  }

  public static MachineId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new MachineId(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(MachineId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
