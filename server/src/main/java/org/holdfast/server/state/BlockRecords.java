package org.holdfast.server.state;

import org.holdfast.log.LogEntry;
import org.holdfast.log.SegmentId;

/// Takes what records say of chunks, pages and runs, in the order of the log.
public interface BlockRecords {
  /// One of *block stored*, *stored again*, *moved*, *deleted* and *freed*.
  void add(LogEntry entry, SegmentId segment);
}
