package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// SHA-256, SHA3-256 and HMAC-SHA256 over pieces, one after the other.
final class Digests {
  private Digests() {}

  static byte[] sha256(byte[]... pieces) {
    return digest("SHA-256", pieces);
  }

  static byte[] sha3(byte[]... pieces) {
    return digest("SHA3-256", pieces);
  }

  /// A fresh HMAC-SHA256 under a key.
  static Mac hmac(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("HMAC-SHA256", e);
    }
  }

  private static byte[] digest(String algorithm, byte[]... pieces) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      for (byte[] piece : pieces) {
        digest.update(piece);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw Jdk.failed(algorithm, e);
    }
  }
}
