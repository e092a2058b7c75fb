package org.holdfast.seal;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import javax.crypto.KeyAgreement;
import org.holdfast.core.CorruptException;

/// X25519 (RFC 7748).
final class X25519 {
  private X25519() {}

  /// Throws [CorruptException] if the other side sent a point of small order, whose result is zero
  /// whatever the private key is.
  static byte[] agree(PrivateKey mine, byte[] theirs) throws CorruptException {
    try {
      KeyAgreement agreement = KeyAgreement.getInstance("X25519");
      agreement.init(mine);
      agreement.doPhase(KeyEncoding.X25519.publicKey(theirs), true);
      return agreement.generateSecret();
    } catch (InvalidKeyException e) {
      throw new CorruptException("X25519 public key is of small order", e);
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("X25519", e);
    }
  }
}
