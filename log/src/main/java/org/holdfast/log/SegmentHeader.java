package org.holdfast.log;

import java.util.List;
import org.holdfast.core.ServiceId;

/// All of a segment but its data. `headerLength` and `dataLength` in bytes.
public record SegmentHeader(
    ServiceId service,
    SegmentId id,
    boolean seal,
    long stable,
    long timeMillis,
    int headerLength,
    int dataLength,
    List<LogEntry> entries) {
  public SegmentHeader {
    entries = List.copyOf(entries);
  }
}
