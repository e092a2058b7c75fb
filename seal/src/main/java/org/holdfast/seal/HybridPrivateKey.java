package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;

/// Opens what was sealed to its [HybridPublicKey].
///
/// ```
/// 0   32  d  \ seed of the ML-KEM-768 key pair (FIPS 203, algorithm 16)
/// 32  32  z  /
/// 64  32  X25519 private key
/// ```
///
/// Immutable. Prints nothing of itself.
public final class HybridPrivateKey {
  /// Length in bytes.
  public static final int LENGTH = 96;

  private final Bytes bytes;
  private final PrivateKey lattice;
  private final PrivateKey curve;
  private final byte[] curvePublic;
  private final HybridPublicKey publicKey;

  private HybridPrivateKey(Bytes bytes) throws CorruptException {
    this.bytes = bytes;
    byte[] raw = bytes.toArray();
    KeyPair latticePair = KeyEncoding.ML_KEM_768.pair(Arrays.copyOf(raw, 64));
    KeyPair curvePair = KeyEncoding.X25519.pair(Arrays.copyOfRange(raw, 64, LENGTH));
    lattice = latticePair.getPrivate();
    curve = curvePair.getPrivate();
    curvePublic = KeyEncoding.X25519.rawPublic(curvePair.getPublic());
    byte[] both =
        Arrays.copyOf(
            KeyEncoding.ML_KEM_768.rawPublic(latticePair.getPublic()), HybridPublicKey.LENGTH);
    System.arraycopy(curvePublic, 0, both, HybridPublicKey.LENGTH - 32, 32);
    publicKey = HybridPublicKey.of(Bytes.wrap(both));
  }

  /// Throws [CorruptException] for bytes that are no such key.
  public static HybridPrivateKey of(Bytes bytes) throws CorruptException {
    if (bytes.length() != LENGTH) {
      throw new CorruptException("hybrid private key has " + bytes.length() + " bytes");
    }
    return new HybridPrivateKey(bytes);
  }

  public static HybridPrivateKey random(SecureRandom random) {
    byte[] seed = new byte[LENGTH];
    random.nextBytes(seed);
    try {
      return new HybridPrivateKey(Bytes.wrap(seed));
    } catch (CorruptException e) {
      throw new IllegalStateException("every seed gives a key", e);
    }
  }

  public Bytes bytes() {
    return bytes;
  }

  public HybridPublicKey publicKey() {
    return publicKey;
  }

  /// The secret sealed in a ciphertext; another one, unpredictable, if the ciphertext was changed.
  byte[] decapsulate(byte[] ciphertext) throws CorruptException {
    Invariant.check(ciphertext.length == Encapsulation.LENGTH, "a hybrid ciphertext's length");
    int split = Encapsulation.LENGTH - 32;
    byte[] ephemeral = Arrays.copyOfRange(ciphertext, split, Encapsulation.LENGTH);
    try {
      byte[] secret =
          KEM.getInstance("ML-KEM-768")
              .newDecapsulator(lattice)
              .decapsulate(Arrays.copyOf(ciphertext, split))
              .getEncoded();
      return XWing.combine(secret, X25519.agree(curve, ephemeral), ephemeral, curvePublic);
    } catch (DecapsulateException e) {
      throw new CorruptException("not an ML-KEM-768 ciphertext", e);
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("ML-KEM-768", e);
    }
  }
}
