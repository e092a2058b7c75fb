package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.KEM;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Seals a fresh secret to whoever holds the private half: X25519 and ML-KEM-768, combined as in
/// X-Wing (draft-connolly-cfrg-xwing-kem), so that both must break before the secret does.
///
/// ```
/// 0     1184  ML-KEM-768 encapsulation key (FIPS 203)
/// 1184  32    X25519 public key (RFC 7748)
/// ```
///
/// Immutable.
public final class HybridPublicKey {
  /// Length in bytes.
  public static final int LENGTH = 1216;

  private final Bytes bytes;
  private final PublicKey lattice;
  private final byte[] curve;

  private HybridPublicKey(Bytes bytes, PublicKey lattice, byte[] curve) {
    this.bytes = bytes;
    this.lattice = lattice;
    this.curve = curve;
  }

  /// Throws [CorruptException] for bytes that are no such key.
  public static HybridPublicKey of(Bytes bytes) throws CorruptException {
    if (bytes.length() != LENGTH) {
      throw new CorruptException("hybrid public key has " + bytes.length() + " bytes");
    }
    byte[] raw = bytes.toArray();
    PublicKey lattice =
        KeyEncoding.ML_KEM_768.publicKey(Arrays.copyOf(raw, KeyEncoding.ML_KEM_768.publicBytes()));
    return new HybridPublicKey(bytes, lattice, Arrays.copyOfRange(raw, LENGTH - 32, LENGTH));
  }

  public Bytes bytes() {
    return bytes;
  }

  /// Draws 64 bytes: first the seed of ML-KEM's encapsulation, then the ephemeral X25519 key.
  /// Throws [CorruptException] if this key is one that gives everybody the same secret.
  Encapsulation encapsulate(SecureRandom random) throws CorruptException {
    byte[] seed = new byte[64];
    random.nextBytes(seed);
    SeedRandom latticeSeed = new SeedRandom(Arrays.copyOf(seed, 32));
    KEM.Encapsulated sealed = latticeEncapsulate(latticeSeed);
    latticeSeed.checkUsedUp();
    byte[] ephemeral = Arrays.copyOfRange(seed, 32, 64);
    KeyPair pair = KeyEncoding.X25519.pair(ephemeral);
    byte[] ephemeralPublic = KeyEncoding.X25519.rawPublic(pair.getPublic());
    byte[] ciphertext = Arrays.copyOf(sealed.encapsulation(), Encapsulation.LENGTH);
    System.arraycopy(ephemeralPublic, 0, ciphertext, Encapsulation.LENGTH - 32, 32);
    byte[] agreed = X25519.agree(pair.getPrivate(), curve);
    byte[] secret = XWing.combine(sealed.key().getEncoded(), agreed, ephemeralPublic, curve);
    return new Encapsulation(ciphertext, secret);
  }

  private KEM.Encapsulated latticeEncapsulate(SecureRandom random) {
    try {
      return KEM.getInstance("ML-KEM-768").newEncapsulator(lattice, random).encapsulate();
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("ML-KEM-768", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HybridPublicKey that && bytes.equals(that.bytes);
  }

  @Override
  public int hashCode() {
    return bytes.hashCode();
  }
}
