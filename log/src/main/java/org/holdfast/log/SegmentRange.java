package org.holdfast.log;

import org.holdfast.core.Invariant;

/// Segments of one epoch, from the first to the last.
public record SegmentRange(SegmentId first, SegmentId last) {
  public SegmentRange {
    Invariant.check(
        first.shard() == last.shard()
            && first.epoch() == last.epoch()
            && first.number() <= last.number(),
        "a range of segments is of one epoch, and not empty");
  }

  public boolean contains(SegmentId id) {
    return first.compareTo(id) <= 0 && id.compareTo(last) <= 0;
  }
}
