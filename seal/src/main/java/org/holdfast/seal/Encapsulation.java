package org.holdfast.seal;

/// A fresh secret, and what the holder of the private key needs to find it.
///
/// @param ciphertext ML-KEM-768 ciphertext (1,088), then the ephemeral X25519 public key (32)
/// @param secret 32 bytes
@SuppressWarnings("ArrayRecordComponent") // never compared; lives for one statement
record Encapsulation(byte[] ciphertext, byte[] secret) {
  /// Length of a ciphertext in bytes.
  static final int LENGTH = 1120;
}
