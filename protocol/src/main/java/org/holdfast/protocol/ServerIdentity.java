package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// The server's Ed25519 key pair, and the certificate that carries its public half through TLS.
///
/// The certificate says nothing: no name, no end, and clients look at its key alone. It is a
/// function of the key, so it is made anew whenever it is needed.
///
/// Encoded: private key 32 (the seed of RFC 8032), public key 32.
public final class ServerIdentity {
  /// Length of the encoded pair in bytes.
  public static final int ENCODED_LENGTH = 64;

  private static final Bytes TEST_TEXT = Bytes.wrap("holdfast key check".getBytes(US_ASCII));
  private static final byte[] VERSION_3 = {(byte) 0xa0, 3, 2, 1, 2};
  private static final byte[] SERIAL_1 = {2, 1, 1};
  private static final byte[] ED25519 = {0x30, 5, 6, 3, 0x2b, 0x65, 0x70};
  private static final byte[] COMMON_NAME = {6, 3, 0x55, 4, 3};
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;

  private final PrivateKey privateKey;
  private final Bytes publicKey;

  private ServerIdentity(PrivateKey privateKey, Bytes publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  public static ServerIdentity create(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
      generator.initialize(NamedParameterSpec.ED25519, random);
      KeyPair pair = generator.generateKeyPair();
      return new ServerIdentity(pair.getPrivate(), RawKeys.raw(pair.getPublic()));
    } catch (NoSuchAlgorithmException e) {
      throw RawKeys.missing(e);
    } catch (InvalidAlgorithmParameterException | CorruptException e) {
      throw new IllegalStateException("Ed25519 makes keys that are not Ed25519", e);
    }
  }

  /// Throws [CorruptException] if the two halves are no pair.
  public static ServerIdentity decode(Bytes encoded) throws CorruptException {
    if (encoded.length() != ENCODED_LENGTH) {
      throw new CorruptException("a server key has " + ENCODED_LENGTH + " bytes");
    }
    byte[] bytes = encoded.toArray();
    byte[] seed = Arrays.copyOf(bytes, Proof.KEY_LENGTH);
    Bytes publicKey = Bytes.copyOf(bytes, Proof.KEY_LENGTH, ENCODED_LENGTH);
    ServerIdentity identity = new ServerIdentity(privateKey(seed), publicKey);
    Bytes signature = Proof.sign(identity.privateKey, TEST_TEXT);
    if (!Proof.verify(publicKey, TEST_TEXT, signature)) {
      throw new CorruptException("the two halves of the server key do not belong together");
    }
    return identity;
  }

  /// Holds the private key: whoever has it is the server.
  public Bytes encode() {
    byte[] seed =
        ((EdECPrivateKey) privateKey)
            .getBytes()
            .orElseThrow(() -> new IllegalStateException("the server key cannot be exported"));
    byte[] bytes = Arrays.copyOf(seed, ENCODED_LENGTH);
    publicKey.copyTo(bytes, Proof.KEY_LENGTH);
    return Bytes.wrap(bytes);
  }

  /// 32 raw bytes, which clients pin.
  public Bytes publicKey() {
    return publicKey;
  }

  PrivateKey privateKey() {
    return privateKey;
  }

  /// Version 3, as TLS 1.3 demands; valid from 2000 to 9999, the "no end" of RFC 5280.
  X509Certificate certificate() {
    byte[] name = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.utf8("holdfast"))));
    byte[] validity =
        Der.sequence(
            Der.node(UTC_TIME, "000101000000Z".getBytes(US_ASCII)),
            Der.node(GENERALIZED_TIME, "99991231235959Z".getBytes(US_ASCII)));
    byte[] key = RawKeys.encoded(publicKey);
    byte[] signed = Der.sequence(VERSION_3, SERIAL_1, ED25519, name, validity, name, key);
    Bytes signature = Proof.sign(privateKey, Bytes.wrap(signed));
    byte[] certificate = Der.sequence(signed, ED25519, Der.bits(signature.toArray()));
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(certificate));
    } catch (CertificateException e) {
      throw new IllegalStateException("our own certificate cannot be read", e);
    }
  }

  private static PrivateKey privateKey(byte[] seed) throws CorruptException {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
    } catch (GeneralSecurityException e) {
      throw new CorruptException("the server key is no Ed25519 key", e);
    }
  }

  @Override
  public String toString() {
    return "server " + publicKey;
  }
}
