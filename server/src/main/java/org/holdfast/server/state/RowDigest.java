package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.holdfast.log.StateDigest;

/// Hashes rows for the digest (`docs/format.md`, "Replay"). Not thread-safe.
final class RowDigest {
  private final MessageDigest sha256;
  private final byte[] length = new byte[2];

  RowDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /// Zero for a row that is not logical state.
  StateDigest of(byte[] key, byte[] value) {
    int logical = logicalLength(key, value);
    if (logical == 0) {
      return StateDigest.ZERO;
    }
    length[0] = (byte) (key.length >> 8);
    length[1] = (byte) key.length;
    sha256.update(length);
    sha256.update(key);
    sha256.update(value, 0, logical);
    ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
    return new StateDigest(hash.getLong(), hash.getLong());
  }

  private static int logicalLength(byte[] key, byte[] value) {
    return switch (key[0]) {
      case 'b', 'o' -> value.length - BlockRow.PLACE_LENGTH;
      case 's', 'x', 'c', 'q', 'z' -> 0;
      default -> value.length;
    };
  }
}
