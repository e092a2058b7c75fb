package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/// HKDF-SHA256, extract and expand (RFC 5869).
public final class Hkdf {
  private Hkdf() {}

  /// Derives `length` bytes, at most 8,160.
  public static byte[] derive(byte[] key, byte[] salt, byte[] info, int length) {
    try {
      HKDFParameterSpec spec =
          HKDFParameterSpec.ofExtract().addIKM(key).addSalt(salt).thenExpand(info, length);
      return KDF.getInstance("HKDF-SHA256").deriveData(spec);
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("HKDF-SHA256", e);
    }
  }

  /// Derives `length` bytes for a purpose named in ASCII.
  public static byte[] derive(byte[] key, byte[] salt, String info, int length) {
    return derive(key, salt, info.getBytes(StandardCharsets.US_ASCII), length);
  }
}
