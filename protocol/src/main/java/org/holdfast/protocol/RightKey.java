package org.holdfast.protocol;

import java.security.PrivateKey;
import org.holdfast.core.Bytes;
import org.holdfast.core.Right;

/// A right and its Ed25519 key pair, the public half as its 32 raw bytes.
public record RightKey(Right right, Bytes publicKey, PrivateKey privateKey) {
  @Override
  public String toString() {
    return right + " key " + publicKey;
  }
}
