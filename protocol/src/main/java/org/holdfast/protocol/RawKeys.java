package org.holdfast.protocol;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Ed25519 public keys as their 32 bytes (RFC 8032), and as the JDK has them.
final class RawKeys {
  /// What comes before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410 section 4).
  private static final Bytes PREFIX = Bytes.ofHex("302a300506032b6570032100");

  private static final int ENCODED_LENGTH = PREFIX.length() + Proof.KEY_LENGTH;

  private RawKeys() {}

  /// The key as a SubjectPublicKeyInfo.
  static byte[] encoded(Bytes raw) {
    byte[] encoded = new byte[ENCODED_LENGTH];
    PREFIX.copyTo(encoded, 0);
    raw.copyTo(encoded, PREFIX.length());
    return encoded;
  }

  static PublicKey key(Bytes raw) throws GeneralSecurityException {
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded(raw)));
  }

  /// Throws [CorruptException] if the key is not one of Ed25519.
  static Bytes raw(PublicKey key) throws CorruptException {
    byte[] encoded = key.getEncoded();
    if (encoded == null
        || encoded.length != ENCODED_LENGTH
        || !Bytes.copyOf(encoded, 0, PREFIX.length()).equals(PREFIX)) {
      throw new CorruptException("a public key of " + key.getAlgorithm() + " is not Ed25519");
    }
    return Bytes.wrap(Arrays.copyOfRange(encoded, PREFIX.length(), ENCODED_LENGTH));
  }

  /// For algorithms that every JDK of this version has.
  static IllegalStateException missing(NoSuchAlgorithmException e) {
    return new IllegalStateException("this Java runtime lacks " + e.getMessage(), e);
  }

  /// For keys that were checked before.
  static IllegalStateException unusable(GeneralSecurityException e) {
    return e instanceof NoSuchAlgorithmException missing
        ? missing(missing)
        : new IllegalStateException("an Ed25519 key cannot be used", e);
  }

  /// Whether the exception says that the bytes are no key.
  static boolean isBadKey(GeneralSecurityException e) {
    return e instanceof InvalidKeySpecException || e instanceof InvalidKeyException;
  }
}
