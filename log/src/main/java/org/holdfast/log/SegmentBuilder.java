package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.core.ServiceId;

/// A segment that is being filled. Not thread-safe: its owner is the writer's.
///
/// Invariants: data lies in the order of its records, without gaps; nothing is added after
/// [#close].
final class SegmentBuilder {
  private final ServiceId service;
  private final SegmentId id;
  private final boolean seal;
  private final List<ByteBuffer> data = new ArrayList<>();
  private final List<LogEntry> entries = new ArrayList<>();
  private byte[] records = new byte[4096];
  private int recordsLength;
  private int dataLength;
  private boolean closed;

  SegmentBuilder(ServiceId service, SegmentId id, boolean seal) {
    this.service = service;
    this.id = id;
    this.seal = seal;
  }

  /// The only segment that is not part of an owner's work: the end of an epoch.
  static Closed seal(ServiceId service, SegmentId id, Bytes sealedBy, long timeMillis, LogKey key) {
    SegmentBuilder builder = new SegmentBuilder(service, id, true);
    builder.add(0, new LogRecord.EpochSealed(id.epoch() + 1, sealedBy), ByteBuffer.allocate(0));
    return builder.close(id.number() - 1, timeMillis, key);
  }

  SegmentId id() {
    return id;
  }

  /// `block` is empty for a record without data. Its bytes must not change afterwards.
  LogEntry add(long number, LogRecord item, ByteBuffer block) {
    Invariant.check(!closed, "a closed segment takes no record");
    Invariant.check(
        block.remaining() == item.dataLength(), "a block is as long as its record says");
    int room = Segment.RECORD_PREFIX_LENGTH + RecordCodec.BODY_LENGTH_MAX;
    if (records.length - recordsLength < room) {
      records = Arrays.copyOf(records, records.length * 2 + room);
    }
    ByteBuffer out = ByteBuffer.wrap(records);
    Segment.writeRecord(out.position(recordsLength), number, item);
    recordsLength = out.position();
    LogEntry entry = new LogEntry(number, item, dataLength);
    entries.add(entry);
    if (block.hasRemaining()) {
      data.add(block);
      dataLength += block.remaining();
    }
    return entry;
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int dataLength() {
    return dataLength;
  }

  int recordsLength() {
    return recordsLength;
  }

  Closed close(long stable, long timeMillis, LogKey key) {
    Invariant.check(!closed && !isEmpty(), "a segment is closed once, and holds something");
    closed = true;
    int length = Segment.FIXED_LENGTH + recordsLength + Segment.TRAILER_LENGTH;
    Invariant.check(length <= Segment.HEADER_LENGTH_MAX, "a header is bounded");
    Invariant.check(dataLength <= Segment.DATA_LENGTH_MAX, "a segment is bounded");
    SegmentHeader header =
        new SegmentHeader(service, id, seal, stable, timeMillis, length, dataLength, entries);
    byte[] bytes = new byte[length];
    Segment.writeFixed(ByteBuffer.wrap(bytes), header, entries.size());
    System.arraycopy(records, 0, bytes, Segment.FIXED_LENGTH, recordsLength);
    Segment.writeTrailer(bytes, key);
    List<ByteBuffer> body = new ArrayList<>(data.size() + 1);
    body.add(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    data.forEach(block -> body.add(block.asReadOnlyBuffer()));
    return new Closed(header, body);
  }

  /// A segment that is ready to be stored: header first, then data.
  record Closed(SegmentHeader header, List<ByteBuffer> body) {}
}
