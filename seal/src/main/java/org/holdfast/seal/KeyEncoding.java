package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;

/// One algorithm's raw key bytes, to and from the JDK's key objects.
///
/// The JDK speaks X.509 and PKCS#8. For the algorithms used here those are a constant prefix and
/// then the raw bytes (RFC 8410 for curves, RFC 9881 and RFC 9935 for lattices), so that no ASN.1
/// is parsed. Safe to share.
///
/// @param prefix of a SubjectPublicKeyInfo
/// @param publicBytes length of a raw public key
/// @param seedBytes length of what a private key is made from
record KeyEncoding(String algorithm, String prefix, int publicBytes, int seedBytes) {
  static final KeyEncoding X25519 = new KeyEncoding("X25519", "302a300506032b656e032100", 32, 32);
  static final KeyEncoding ED25519 = new KeyEncoding("Ed25519", "302a300506032b6570032100", 32, 32);
  static final KeyEncoding ML_KEM_768 =
      new KeyEncoding("ML-KEM-768", "308204b2300b0609608648016503040402038204a100", 1184, 64);
  static final KeyEncoding ML_DSA_65 =
      new KeyEncoding("ML-DSA-65", "308207b2300b0609608648016503040312038207a100", 1952, 32);

  /// Both halves from a seed.
  KeyPair pair(byte[] seed) {
    Invariant.check(seed.length == seedBytes, algorithm + " has a seed of " + seedBytes);
    SeedRandom random = new SeedRandom(seed);
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(new NamedParameterSpec(algorithm), random);
      KeyPair pair = generator.generateKeyPair();
      random.checkUsedUp();
      return pair;
    } catch (GeneralSecurityException e) {
      throw Jdk.failed(algorithm, e);
    }
  }

  byte[] rawPublic(PublicKey key) {
    byte[] encoded = key.getEncoded();
    Invariant.check(
        encoded.length == prefix.length() / 2 + publicBytes
            && HexFormat.of().formatHex(encoded, 0, prefix.length() / 2).equals(prefix),
        algorithm + " public keys have a constant prefix");
    return Arrays.copyOfRange(encoded, prefix.length() / 2, encoded.length);
  }

  /// Throws [CorruptException] for bytes that are no public key.
  PublicKey publicKey(byte[] raw) throws CorruptException {
    if (raw.length != publicBytes) {
      throw new CorruptException(
          algorithm + " public key has " + raw.length + " bytes and not " + publicBytes);
    }
    byte[] encoded = HexFormat.of().parseHex(prefix, 0, prefix.length());
    int start = encoded.length;
    encoded = Arrays.copyOf(encoded, start + raw.length);
    System.arraycopy(raw, 0, encoded, start, raw.length);
    try {
      return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw new CorruptException("not an " + algorithm + " public key", e);
    }
  }
}
