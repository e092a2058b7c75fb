package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.holdfast.log.StateDigest;

/// Hashes rows for the digest, and for the index's checksum (`docs/format.md`, "Replay"). Not
/// thread-safe.
final class RowDigest {
  private final MessageDigest sha256;
  private final byte[] length = new byte[2];

  RowDigest() {
    sha256 = sha256();
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// Zeros for the position, in which both stand.
  Fingerprint of(byte[] key, byte[] value) {
    if (key[0] == Keys.POSITION.at(0)) {
      return Fingerprint.ZERO;
    }
    int placeLength =
        key[0] == 'b' || key[0] == 'o' ? Math.min(value.length, BlockRow.PLACE_LENGTH) : 0;
    length[0] = (byte) (key.length >> 8);
    length[1] = (byte) key.length;
    sha256.update(length);
    sha256.update(key);
    sha256.update(value, 0, value.length - placeLength);
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    StateDigest digest = new StateDigest(hash.getLong(), hash.getLong());
    long checksum = hash.getLong();
    ByteBuffer place = ByteBuffer.wrap(value, value.length - placeLength, placeLength);
    while (place.hasRemaining()) {
      checksum = mix(checksum ^ place.getLong());
    }
    return new Fingerprint(isLogical(key) ? digest : StateDigest.ZERO, checksum);
  }

  private static boolean isLogical(byte[] key) {
    return switch (key[0]) {
      case 's', 'x', 'c', 'q' -> false;
      default -> true;
    };
  }

  /// The finalizer of MurmurHash3 (Austin Appleby, public domain): each bit of the input changes
  /// each bit of the result with about even chance, and no two inputs share one.
  static long mix(long bits) {
    long x = bits;
    x = (x ^ (x >>> 33)) * 0xff51afd7ed558ccdL;
    x = (x ^ (x >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return x ^ (x >>> 33);
  }
}
