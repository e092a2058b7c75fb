package org.holdfast.server.state;

import java.nio.ByteBuffer;
import org.holdfast.log.SegmentId;

/// A block: what the log says of it, then where it lies. `dataOffset` counts from the end of the
/// segment's header.
public record BlockRow(
    long record, long begun, int length, int crc, int epoch, long segment, int dataOffset) {
  /// How much of the row is logical state; where the block lies is not.
  static final int LOGICAL_LENGTH = 24;

  public SegmentId segmentId(int shard) {
    return new SegmentId(shard, epoch, segment);
  }

  byte[] encode() {
    return ByteBuffer.allocate(LOGICAL_LENGTH + 16)
        .putLong(record)
        .putLong(begun)
        .putInt(length)
        .putInt(crc)
        .putInt(epoch)
        .putLong(segment)
        .putInt(dataOffset)
        .array();
  }

  static BlockRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new BlockRow(
        in.getLong(),
        in.getLong(),
        in.getInt(),
        in.getInt(),
        in.getInt(),
        in.getLong(),
        in.getInt());
  }
}
