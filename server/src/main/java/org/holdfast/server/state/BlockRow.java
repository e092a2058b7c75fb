package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;

/// A copy of a block: what the log says of it, then where it lies. `deletedBy` is the beginning of
/// the deletion that it belongs to (0: none, and then not in the row). `dataOffset` counts from the
/// end of the segment's header.
public record BlockRow(
    long record,
    long begun,
    int length,
    int crc,
    long deletedBy,
    int epoch,
    long segment,
    int dataOffset) {
  /// What the row says of where the copy lies, at its end, is not logical state.
  static final int PLACE_LENGTH = 16;

  /// Of a copy that belongs to no deletion.
  static final int SHORT_LENGTH = 24 + PLACE_LENGTH;

  /// The copy whose data lies with this record, as the record says; empty if none does.
  public static Optional<BlockRow> of(LogEntry entry, SegmentId segment) {
    return switch (entry.item()) {
      case LogRecord.BlockStored r ->
          Optional.of(at(entry, segment, entry.number(), r.begun(), r.length(), r.crc(), 0));
      case LogRecord.BlockStoredAgain r ->
          Optional.of(at(entry, segment, entry.number(), r.begun(), r.length(), r.crc(), 0));
      case LogRecord.CopyMoved r ->
          Optional.of(
              at(entry, segment, r.stored(), r.begun(), r.length(), r.crc(), r.deletedBy()));
      default -> Optional.empty();
    };
  }

  private static BlockRow at(
      LogEntry entry,
      SegmentId segment,
      long record,
      long begun,
      int length,
      int crc,
      long deletedBy) {
    return new BlockRow(
        record,
        begun,
        length,
        crc,
        deletedBy,
        segment.epoch(),
        segment.number(),
        Math.toIntExact(entry.dataOffset()));
  }

  public SegmentId segmentId(int shard) {
    return new SegmentId(shard, epoch, segment);
  }

  /// Whether the other differs in its place at most.
  boolean isSame(BlockRow other) {
    return equals(
        new BlockRow(
            other.record,
            other.begun,
            other.length,
            other.crc,
            other.deletedBy,
            epoch,
            segment,
            dataOffset));
  }

  BlockRow deletedBy(long deletion) {
    return new BlockRow(record, begun, length, crc, deletion, epoch, segment, dataOffset);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(SHORT_LENGTH + (deletedBy == 0 ? 0 : Long.BYTES));
    out.putLong(record).putLong(begun).putInt(length).putInt(crc);
    if (deletedBy != 0) {
      out.putLong(deletedBy);
    }
    return out.putInt(epoch).putLong(segment).putInt(dataOffset).array();
  }

  static BlockRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new BlockRow(
        in.getLong(),
        in.getLong(),
        in.getInt(),
        in.getInt(),
        value.length == SHORT_LENGTH ? 0 : in.getLong(),
        in.getInt(),
        in.getLong(),
        in.getInt());
  }
}
