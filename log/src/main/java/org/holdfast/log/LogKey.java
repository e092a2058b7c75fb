package org.holdfast.log;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// The secret under which a service's segment headers are authenticated, 32 bytes; or that it is
/// not known.
public final class LogKey {
  /// Length in bytes.
  public static final int LENGTH = 32;

  private static final byte[] LABEL =
      "holdfast segment 1\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private final @Nullable SecretKeySpec key;

  public LogKey(Bytes key) {
    Invariant.check(key.length() == LENGTH, "a log key has 32 bytes");
    this.key = new SecretKeySpec(key.toArray(), "HmacSHA256");
  }

  private LogKey() {
    this.key = null;
  }

  /// Of who reads a bucket without the secrets of its service: takes each header for right whose
  /// checksum holds, and writes none. What a client restores is proven by its own keys all the
  /// same; that nothing is missing is not.
  public static LogKey unknown() {
    return new LogKey();
  }

  boolean isKnown() {
    return key != null;
  }

  byte[] mac(byte[] header, int length) {
    Invariant.check(isKnown(), "nothing is written without the log key");
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(Objects.requireNonNull(key));
      mac.update(LABEL);
      mac.update(header, 0, length);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }

  boolean verifies(byte[] header, int length, byte[] mac) {
    return key == null || MessageDigest.isEqual(mac(header, length), mac);
  }
}
