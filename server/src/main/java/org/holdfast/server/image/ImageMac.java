package org.holdfast.server.image;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import org.holdfast.core.Bytes;
import org.holdfast.log.LogKey;

/// HMAC-SHA-256 of pieces and of lists, under a key for each, so that neither passes for the other;
/// and nobody who has the bucket alone can make one.
///
/// Any thread.
final class ImageMac {
  /// Length in bytes.
  static final int LENGTH = 32;

  private final SecretKey pieces;
  private final SecretKey lists;

  ImageMac(LogKey key) {
    this.pieces = key.derive("holdfast image piece 1");
    this.lists = key.derive("holdfast image list 1");
  }

  Bytes ofPiece(ByteBuffer piece) {
    return of(pieces, piece);
  }

  Bytes ofList(ByteBuffer list) {
    return of(lists, list);
  }

  static boolean isSame(Bytes one, Bytes other) {
    return MessageDigest.isEqual(one.toArray(), other.toArray());
  }

  private static Bytes of(SecretKey key, ByteBuffer bytes) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(bytes.duplicate());
      return Bytes.wrap(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has HmacSHA256", e);
    }
  }
}
