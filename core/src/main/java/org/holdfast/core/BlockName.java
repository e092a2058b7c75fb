package org.holdfast.core;

import java.security.SecureRandom;

/// What a block is called: a keyed hash of its content, made by the client.
///
/// 32 bytes; compared by value.
public record BlockName(Bytes bytes) implements Comparable<BlockName> {
  /// Length in bytes.
  public static final int LENGTH = 32;

  public BlockName {
    Invariant.check(bytes.length() == LENGTH, "BlockName has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static BlockName of(byte[] bytes) {
    return new BlockName(Bytes.copyOf(bytes));
  }

  public static BlockName random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new BlockName(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(BlockName other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
