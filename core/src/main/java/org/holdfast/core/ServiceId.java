package org.holdfast.core;

import java.security.SecureRandom;

/// Which service a segment, a key file or a session belongs to.
///
/// 16 bytes; compared by value.
public record ServiceId(Bytes bytes) implements Comparable<ServiceId> {
  /// Length in bytes.
  public static final int LENGTH = 16;

  public ServiceId {
    Invariant.check(bytes.length() == LENGTH, "ServiceId has " + LENGTH + " bytes");
  }

  /// Copies the array.
  public static ServiceId of(byte[] bytes) {
    return new ServiceId(Bytes.copyOf(bytes));
  }

  public static ServiceId random(SecureRandom random) {
    byte[] bytes = new byte[LENGTH];
    random.nextBytes(bytes);
    return new ServiceId(Bytes.wrap(bytes));
  }

  @Override
  public int compareTo(ServiceId other) {
    return bytes.compareTo(other.bytes);
  }

  @Override
  public String toString() {
    return bytes.toString();
  }
}
