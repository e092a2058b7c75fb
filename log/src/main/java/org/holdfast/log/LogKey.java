package org.holdfast.log;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Objects;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// The secret under which a service's segment headers are authenticated, 32 bytes; or that it is
/// not known.
public final class LogKey {
  /// Length in bytes.
  public static final int LENGTH = 32;

  private static final byte[] LABEL = "holdfast segment 1\0".getBytes(StandardCharsets.US_ASCII);

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

  public boolean isKnown() {
    return key != null;
  }

  /// A key of its own for HMAC-SHA-256, by HKDF-SHA-256 (RFC 5869) with this purpose, in ASCII, as
  /// its info. Only of a key that is known.
  public SecretKey derive(String purpose) {
    Invariant.check(isKnown(), "nothing comes of a log key that is not known");
    try {
      HKDFParameterSpec spec =
          HKDFParameterSpec.ofExtract()
              .addIKM(Objects.requireNonNull(key))
              .thenExpand(purpose.getBytes(StandardCharsets.US_ASCII), LENGTH);
      return KDF.getInstance("HKDF-SHA256").deriveKey("HmacSHA256", spec);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HKDF-SHA256", e);
    }
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
