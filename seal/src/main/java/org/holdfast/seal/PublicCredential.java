package org.holdfast.seal;

import org.holdfast.core.Bytes;
import org.holdfast.core.Right;

/// What a server is told at registration: who proves this right.
///
/// @param publicKey Ed25519, 32 bytes
public record PublicCredential(Right right, Bytes publicKey) {}
