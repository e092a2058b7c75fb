package org.holdfast.log;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.ServiceId;

/// A header as it lies in the bucket, authenticated. Its records are read when somebody wants them,
/// and only then is it known whether they add up.
///
/// Any thread.
public final class HeaderBytes {
  private final ServiceId service;
  private final SegmentId id;
  private final boolean seal;
  private final long stable;
  private final long timeMillis;
  private final int dataLength;
  private final int count;
  private final byte[] bytes;

  /// Takes the array over.
  HeaderBytes(
      ServiceId service,
      SegmentId id,
      boolean seal,
      long stable,
      long timeMillis,
      int dataLength,
      int count,
      byte[] bytes) {
    this.service = service;
    this.id = id;
    this.seal = seal;
    this.stable = stable;
    this.timeMillis = timeMillis;
    this.dataLength = dataLength;
    this.count = count;
    this.bytes = bytes;
  }

  public SegmentId id() {
    return id;
  }

  public boolean seal() {
    return seal;
  }

  /// In bytes, as [#dataLength].
  public int length() {
    return bytes.length;
  }

  public int dataLength() {
    return dataLength;
  }

  /// How many records it has.
  public int count() {
    return count;
  }

  /// As it lies there; not to be changed.
  public byte[] bytes() {
    return bytes;
  }

  /// Its records, from the first on. A seal holds one that says so, and no other header has it:
  /// that is known here already.
  public RecordCursor records() throws CorruptException {
    RecordCursor first = new RecordCursor(id, bytes, count, dataLength);
    boolean isSealed = count == 1 && first.next() && first.isSealRecord();
    if (seal != isSealed) {
      throw new CorruptException(
          id + ": a seal holds one record that says so, and nothing else does");
    }
    return new RecordCursor(id, bytes, count, dataLength);
  }

  /// All that it says.
  public SegmentHeader parsed() throws CorruptException {
    List<LogEntry> entries = new ArrayList<>(Math.min(count, 4096));
    for (RecordCursor each = records(); each.next(); ) {
      entries.add(each.entry());
    }
    return new SegmentHeader(
        service, id, seal, stable, timeMillis, bytes.length, dataLength, entries);
  }
}
