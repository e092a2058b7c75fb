package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;

/// How far a state has come: the last segment applied (epoch 0: none), the number of the record to
/// come, and what the rows are then.
public record Position(int epoch, long segment, long nextRecord, Fingerprint rows) {
  /// Before the first record.
  public static final Position START = new Position(0, 0, 1, Fingerprint.ZERO);

  public StateDigest digest() {
    return rows.digest();
  }

  /// The last segment applied, if there is one.
  public Optional<SegmentId> lastSegment(int shard) {
    return epoch == 0 ? Optional.empty() : Optional.of(segmentId(shard));
  }

  /// The last segment applied; only if there is one.
  public SegmentId segmentId(int shard) {
    return new SegmentId(shard, epoch, segment);
  }

  byte[] encode() {
    return ByteBuffer.allocate(44)
        .putInt(epoch)
        .putLong(segment)
        .putLong(nextRecord)
        .putLong(digest().high())
        .putLong(digest().low())
        .putLong(rows.checksum())
        .array();
  }

  static Position decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new Position(
        in.getInt(),
        in.getLong(),
        in.getLong(),
        new Fingerprint(new StateDigest(in.getLong(), in.getLong()), in.getLong()));
  }
}
