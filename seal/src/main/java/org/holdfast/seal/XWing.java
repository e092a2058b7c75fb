package org.holdfast.seal;

/// The combiner of X-Wing (draft-connolly-cfrg-xwing-kem, section 5.3).
final class XWing {
  private static final byte[] LABEL = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};

  private XWing() {}

  /// ML-KEM's ciphertext needs no place in the hash: ML-KEM binds it to its secret.
  static byte[] combine(
      byte[] latticeSecret, byte[] curveSecret, byte[] curveCiphertext, byte[] curvePublic) {
    return Digests.sha3(latticeSecret, curveSecret, curveCiphertext, curvePublic, LABEL);
  }
}
