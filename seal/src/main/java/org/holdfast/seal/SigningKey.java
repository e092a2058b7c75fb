package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Signs archives, with Ed25519 and ML-DSA-65 at once.
///
/// ```
/// 0   32  Ed25519 private key (RFC 8032)
/// 32  32  ML-DSA-65 seed (FIPS 204, algorithm 6)
/// ```
///
/// Immutable. Prints nothing of itself.
public final class SigningKey {
  /// Length in bytes.
  public static final int LENGTH = 64;

  private static final byte[] CONTEXT = "holdfast signature 1".getBytes(StandardCharsets.US_ASCII);

  private final Bytes bytes;
  private final Credential curve;
  private final PrivateKey lattice;
  private final VerifyingKey verifyingKey;

  private SigningKey(Bytes bytes) throws CorruptException {
    this.bytes = bytes;
    byte[] raw = bytes.toArray();
    curve = Credential.of(Bytes.copyOf(raw, 0, 32));
    KeyPair pair = KeyEncoding.ML_DSA_65.pair(Arrays.copyOfRange(raw, 32, LENGTH));
    lattice = pair.getPrivate();
    byte[] both = Arrays.copyOf(curve.publicKey().toArray(), VerifyingKey.LENGTH);
    byte[] rawLattice = KeyEncoding.ML_DSA_65.rawPublic(pair.getPublic());
    System.arraycopy(rawLattice, 0, both, 32, rawLattice.length);
    verifyingKey = VerifyingKey.of(Bytes.wrap(both));
  }

  /// Throws [CorruptException] for bytes that are no such key.
  public static SigningKey of(Bytes bytes) throws CorruptException {
    if (bytes.length() != LENGTH) {
      throw new CorruptException("signing key has " + bytes.length() + " bytes");
    }
    return new SigningKey(bytes);
  }

  public static SigningKey random(SecureRandom random) {
    byte[] seed = new byte[LENGTH];
    random.nextBytes(seed);
    try {
      return new SigningKey(Bytes.wrap(seed));
    } catch (CorruptException e) {
      throw new IllegalStateException("every seed gives a key", e);
    }
  }

  public Bytes bytes() {
    return bytes;
  }

  public VerifyingKey verifyingKey() {
    return verifyingKey;
  }

  /// [VerifyingKey#SIGNATURE_LENGTH] bytes. ML-DSA is hedged with 32 bytes from `random`.
  public byte[] sign(byte[] message, SecureRandom random) {
    byte[] framed = framed(message);
    byte[] both = Arrays.copyOf(curve.sign(framed), VerifyingKey.SIGNATURE_LENGTH);
    byte[] second = latticeSignature(framed, random);
    System.arraycopy(second, 0, both, VerifyingKey.SIGNATURE_LENGTH - second.length, second.length);
    return both;
  }

  /// ML-DSA-65's half, over exactly these bytes.
  byte[] latticeSignature(byte[] framed, SecureRandom random) {
    try {
      Signature signature = Signature.getInstance("ML-DSA-65");
      signature.initSign(lattice, random);
      signature.update(framed);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("ML-DSA-65", e);
    }
  }

  /// What is signed: no other use of these keys can give the same bytes.
  static byte[] framed(byte[] message) {
    byte[] framed = Arrays.copyOf(CONTEXT, CONTEXT.length + message.length);
    System.arraycopy(message, 0, framed, CONTEXT.length, message.length);
    return framed;
  }
}
