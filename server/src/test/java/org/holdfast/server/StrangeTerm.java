package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.Fence;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;

/// A server of another version, which owns a log for a short while and writes what this one does
/// not expect.
final class StrangeTerm {
  private StrangeTerm() {}

  /// Takes the log over from whoever has left it before record `next`, and writes these records.
  static void write(Bucket bucket, TestClock clock, long next, List<LogRecord> records)
      throws HoldfastException {
    Bytes owner = Bytes.wrap(new byte[16]);
    Fence.Taken own =
        new Fence(bucket, World.KEY, World.SERVICE, clock, Spawner.virtual(), 0)
            .take(0, Optional.empty(), () -> owner);
    SegmentId first = SegmentId.first(0, own.epoch());
    LogWriter writer =
        new LogWriter(
            World.SERVICE,
            World.KEY,
            first,
            next,
            clock,
            (id, body) -> {
              try {
                bucket.putIfAbsent(id.key(), body);
              } catch (HoldfastException e) {
                throw new AssertionError(e);
              }
            },
            1 << 20,
            LogWriter.IN_FLIGHT_MAX);
    writer.append(new LogRecord.EpochBegun(own.epoch(), owner, 0), ByteBuffer.allocate(0));
    records.forEach(each -> writer.append(each, ByteBuffer.allocate(0)));
    writer.flush().orElseThrow();
  }
}
