package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.ServiceId;

/// What a client signs to prove a right, or to register, and the check of it.
///
/// ```
/// "holdfast session 1" 0  | binding 32 | server key 32 | service 16 | machine 16 | right 1
/// "holdfast register 1" 0 | binding 32 | server key 32 | service 16 | machine 16 | invite 16
///                         | right 1 | public key 32
/// ```
///
/// The binding belongs to one connection, so that a signature is worth nothing in another. The two
/// texts differ before any of them ends: neither can be taken for the other.
public final class Proof {
  /// A raw Ed25519 public key, in bytes.
  public static final int KEY_LENGTH = 32;

  /// An Ed25519 signature, in bytes.
  public static final int SIGNATURE_LENGTH = 64;

  /// The secret half of an invite, in bytes.
  public static final int SECRET_LENGTH = 32;

  private static final String SESSION = "holdfast session 1\0";
  private static final String REGISTER = "holdfast register 1\0";

  private Proof() {}

  /// What proves a right in a session.
  public static Bytes session(
      Connection connection, ServiceId service, MachineId machine, Right right) {
    ByteArrayOutputStream text = start(SESSION, connection, service, machine);
    text.write(right.code());
    return Bytes.wrap(text.toByteArray());
  }

  /// What registers one credential of a machine.
  public static Bytes register(
      Connection connection,
      ServiceId service,
      MachineId machine,
      InviteId invite,
      Right right,
      Bytes publicKey) {
    ByteArrayOutputStream text = start(REGISTER, connection, service, machine);
    text.writeBytes(invite.bytes().toArray());
    text.write(right.code());
    text.writeBytes(publicKey.toArray());
    return Bytes.wrap(text.toByteArray());
  }

  /// Signs with an Ed25519 key; anything else is the caller's mistake.
  public static Bytes sign(PrivateKey key, Bytes text) {
    try {
      Signature signer = Signature.getInstance("Ed25519");
      signer.initSign(key);
      signer.update(text.toArray());
      return Bytes.wrap(signer.sign());
    } catch (GeneralSecurityException e) {
      throw RawKeys.unusable(e);
    }
  }

  /// Whether the signature is that of the key's owner. False for bytes that are no key.
  public static boolean verify(Bytes publicKey, Bytes text, Bytes signature) {
    Invariant.check(publicKey.length() == KEY_LENGTH, "length of a public key");
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(RawKeys.key(publicKey));
      verifier.update(text.toArray());
      return verifier.verify(signature.toArray());
    } catch (SignatureException e) {
      return false;
    } catch (GeneralSecurityException e) {
      if (RawKeys.isBadKey(e)) {
        return false;
      }
      throw RawKeys.unusable(e);
    }
  }

  private static ByteArrayOutputStream start(
      String label, Connection connection, ServiceId service, MachineId machine) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.writeBytes(label.getBytes(US_ASCII));
    text.writeBytes(connection.binding().toArray());
    text.writeBytes(connection.serverKey().toArray());
    text.writeBytes(service.bytes().toArray());
    text.writeBytes(machine.bytes().toArray());
    return text;
  }
}
