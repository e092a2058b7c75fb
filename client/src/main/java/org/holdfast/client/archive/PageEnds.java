package org.holdfast.client.archive;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/// Which paths may end a page: one in 448, by a keyed hash of the path alone.
///
/// The decision must not depend on anything else, so that a change stays in its page, and must be
/// keyed, so that page sizes tell nothing about chosen names. One thread at a time.
final class PageEnds {
  /// With the least number of entries in front, pages hold 63 + 448 entries in the mean.
  static final int ENTRIES_MIN = 64;

  private static final long BOUND = (1L << 32) / 448;

  private final Mac mac;
  private final byte[] hash = new byte[32];

  PageEnds(SecretKey pageKey) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(pageKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a key for HMAC-SHA256", e);
    }
  }

  boolean endsAfter(ArchivePath path) {
    mac.update(path.shared());
    try {
      mac.doFinal(hash, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("32 bytes do not hold an HMAC-SHA256", e);
    }
    return Integer.toUnsignedLong(ByteBuffer.wrap(hash).getInt()) < BOUND;
  }
}
