package org.holdfast.server.recovery;

import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;

/// What a replay meets next: a segment, or some that are absent or left out.
record Step(SegmentRange range, boolean isAbsent) {
  static Step of(SegmentId id) {
    return new Step(new SegmentRange(id, id), false);
  }

  static Step absent(SegmentRange range) {
    return new Step(range, true);
  }

  SegmentId segment() {
    return range.first();
  }
}
