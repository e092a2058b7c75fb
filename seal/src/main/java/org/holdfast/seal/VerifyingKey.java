package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Tells whether a [SigningKey] signed something.
///
/// ```
/// 0   32    Ed25519 public key
/// 32  1952  ML-DSA-65 public key
/// ```
///
/// Immutable.
public final class VerifyingKey {
  /// Length in bytes.
  public static final int LENGTH = 1984;

  /// Length of a signature in bytes: Ed25519 (64), then ML-DSA-65 (3,309).
  public static final int SIGNATURE_LENGTH = 3373;

  private final Bytes bytes;
  private final Bytes curve;
  private final PublicKey lattice;

  private VerifyingKey(Bytes bytes, Bytes curve, PublicKey lattice) {
    this.bytes = bytes;
    this.curve = curve;
    this.lattice = lattice;
  }

  /// Throws [CorruptException] for bytes that are no such key.
  public static VerifyingKey of(Bytes bytes) throws CorruptException {
    if (bytes.length() != LENGTH) {
      throw new CorruptException("verifying key has " + bytes.length() + " bytes");
    }
    byte[] raw = bytes.toArray();
    PublicKey lattice = KeyEncoding.ML_DSA_65.publicKey(Arrays.copyOfRange(raw, 32, LENGTH));
    return new VerifyingKey(bytes, Bytes.copyOf(raw, 0, 32), lattice);
  }

  public Bytes bytes() {
    return bytes;
  }

  /// True only if both halves verify.
  public boolean verifies(byte[] message, byte[] signature) {
    if (signature.length != SIGNATURE_LENGTH) {
      return false;
    }
    byte[] framed = SigningKey.framed(message);
    return curveVerifies(framed, Arrays.copyOf(signature, 64))
        && latticeVerifies(framed, Arrays.copyOfRange(signature, 64, SIGNATURE_LENGTH));
  }

  private boolean curveVerifies(byte[] framed, byte[] signature) {
    try {
      return Credential.verifies(curve, framed, signature);
    } catch (CorruptException e) {
      // 32 bytes that are no point: nothing verifies under them.
      return false;
    }
  }

  boolean latticeVerifies(byte[] framed, byte[] signed) {
    try {
      Signature signature = Signature.getInstance("ML-DSA-65");
      signature.initVerify(lattice);
      signature.update(framed);
      return signature.verify(signed);
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("ML-DSA-65", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VerifyingKey that && bytes.equals(that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }
}
