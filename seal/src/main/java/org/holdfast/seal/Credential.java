package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// An Ed25519 key pair (RFC 8032) that proves a right to the server, which holds the public half.
///
/// Immutable. Prints nothing of itself.
public final class Credential {
  /// Length of either half in bytes.
  public static final int LENGTH = 32;

  private final Bytes bytes;
  private final Bytes publicKey;
  private final PrivateKey key;

  private Credential(Bytes bytes) {
    this.bytes = bytes;
    KeyPair pair = KeyEncoding.ED25519.pair(bytes.toArray());
    key = pair.getPrivate();
    publicKey = Bytes.wrap(KeyEncoding.ED25519.rawPublic(pair.getPublic()));
  }

  /// Throws [CorruptException] for bytes that are no such key.
  public static Credential of(Bytes bytes) throws CorruptException {
    if (bytes.length() != LENGTH) {
      throw new CorruptException("credential has " + bytes.length() + " bytes");
    }
    return new Credential(bytes);
  }

  public static Credential random(SecureRandom random) {
    byte[] seed = new byte[LENGTH];
    random.nextBytes(seed);
    return new Credential(Bytes.wrap(seed));
  }

  public Bytes bytes() {
    return bytes;
  }

  /// What the server is given: 32 bytes.
  public Bytes publicKey() {
    return publicKey;
  }

  /// For a session that signs by itself.
  public PrivateKey privateKey() {
    return key;
  }

  /// 64 bytes.
  public byte[] sign(byte[] message) {
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initSign(key);
      signature.update(message);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("Ed25519", e);
    }
  }

  /// Throws [CorruptException] if `publicKey` is none.
  public static boolean verifies(Bytes publicKey, byte[] message, byte[] signed)
      throws CorruptException {
    PublicKey key = KeyEncoding.ED25519.publicKey(publicKey.toArray());
    try {
      Signature signature = Signature.getInstance("Ed25519");
      signature.initVerify(key);
      signature.update(message);
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("Ed25519", e);
    }
  }
}
