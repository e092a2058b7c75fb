package org.holdfast.server.state;

import java.util.List;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.SegmentSet;

/// Segments that a replay has passed without them, and that no record has retired yet
/// (`docs/cleaning.md`). While there are any the state is not what it was, and the index says so.
///
/// Not thread-safe: the shard's owner calls every method.
final class Holes {
  private final Rows rows;
  private final SegmentSet open = new SegmentSet();

  Holes(Rows rows) {
    this.rows = rows;
  }

  boolean isOpen() {
    return !open.isEmpty();
  }

  /// In the order of the log.
  List<SegmentRange> ranges() {
    return open.ranges();
  }

  /// Some of them may be known already: what is absent behind the last segment is met again.
  void add(SegmentRange range) {
    open.add(range);
    rows.put(Keys.INCOMPLETE, new byte[] {1});
  }

  void retired(SegmentRange range) {
    if (open.isEmpty()) {
      return;
    }
    open.remove(range);
    if (open.isEmpty()) {
      rows.delete(Keys.INCOMPLETE);
    }
  }
}
