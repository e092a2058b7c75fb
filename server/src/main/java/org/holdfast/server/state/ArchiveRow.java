package org.holdfast.server.state;

import java.nio.ByteBuffer;

/// An archive's root is visible. `timeMillis` is the server's time of commit.
public record ArchiveRow(long begun, long sequence, long timeMillis, boolean partial) {
  byte[] encode() {
    return ByteBuffer.allocate(25)
        .putLong(begun)
        .putLong(sequence)
        .putLong(timeMillis)
        .put((byte) (partial ? 1 : 0))
        .array();
  }

  static ArchiveRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new ArchiveRow(in.getLong(), in.getLong(), in.getLong(), in.get() == 1);
  }
}
