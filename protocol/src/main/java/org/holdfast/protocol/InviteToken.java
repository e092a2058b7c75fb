package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.holdfast.core.Bytes;
import org.holdfast.core.InviteId;
import org.holdfast.core.RefusedException;

/// An invite as it is handed to a person: names it, proves it, and pins the server's key.
///
/// ```
/// "hfi1_" base64url( invite 16 | secret 32 | server key 32 | CRC32C of these 4 )
/// ```
public record InviteToken(InviteId invite, Bytes secret, Bytes serverKey) {
  private static final String PREFIX = "hfi1_";
  private static final int BODY_LENGTH = InviteId.LENGTH + Proof.SECRET_LENGTH + Proof.KEY_LENGTH;

  public String encode() {
    ByteBuffer out = ByteBuffer.allocate(BODY_LENGTH + Integer.BYTES);
    out.put(invite.bytes().toArray()).put(secret.toArray()).put(serverKey.toArray());
    CRC32C crc = new CRC32C();
    crc.update(out.duplicate().flip());
    out.putInt((int) crc.getValue());
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(out.flip()));
  }

  /// Throws [RefusedException] for a token that is not whole.
  public static InviteToken decode(String token) throws RefusedException {
    ByteBuffer in = ByteBuffer.wrap(body(token));
    if (in.remaining() != BODY_LENGTH + Integer.BYTES) {
      throw damaged();
    }
    CRC32C crc = new CRC32C();
    crc.update(in.slice(0, BODY_LENGTH));
    if (in.getInt(BODY_LENGTH) != (int) crc.getValue()) {
      throw damaged();
    }
    return new InviteToken(
        new InviteId(take(in, InviteId.LENGTH)),
        take(in, Proof.SECRET_LENGTH),
        take(in, Proof.KEY_LENGTH));
  }

  private static byte[] body(String token) throws RefusedException {
    if (!token.startsWith(PREFIX)) {
      throw new RefusedException("this is not an invite: it begins with " + PREFIX);
    }
    try {
      return Base64.getUrlDecoder().decode(token.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw damaged();
    }
  }

  private static RefusedException damaged() {
    return new RefusedException("this invite is not whole: copy it again, from hfi1_ to its end");
  }

  private static Bytes take(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return Bytes.wrap(bytes);
  }

  private static byte[] bytes(ByteBuffer in) {
    byte[] bytes = new byte[in.remaining()];
    in.get(bytes);
    return bytes;
  }

  /// Without the secret.
  @Override
  public String toString() {
    return "invite " + invite;
  }
}
