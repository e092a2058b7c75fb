package org.holdfast.server.state;

import java.util.List;
import java.util.TreeMap;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;

/// Segments that a replay has passed without them, and that no record has retired yet
/// (`docs/cleaning.md`). While there are any the state is not what it was, and the index says so.
///
/// Not thread-safe: the shard's owner calls every method.
final class Holes {
  private final Rows rows;

  /// The last segment of each range by its first one.
  private final TreeMap<SegmentId, SegmentId> open = new TreeMap<>();

  Holes(Rows rows) {
    this.rows = rows;
  }

  boolean isOpen() {
    return !open.isEmpty();
  }

  /// In the order of the log.
  List<SegmentRange> ranges() {
    return open.entrySet().stream()
        .map(each -> new SegmentRange(each.getKey(), each.getValue()))
        .toList();
  }

  /// Some of them may be known already: what is absent behind the last segment is met again.
  void add(SegmentRange range) {
    cut(range);
    open.put(range.first(), range.last());
    rows.put(Keys.INCOMPLETE, new byte[] {1});
  }

  void retired(SegmentRange range) {
    if (open.isEmpty()) {
      return;
    }
    cut(range);
    if (open.isEmpty()) {
      rows.delete(Keys.INCOMPLETE);
    }
  }

  private void cut(SegmentRange range) {
    SegmentId before = open.lowerKey(range.first());
    SegmentId from = before == null ? range.first() : before;
    for (var each : new TreeMap<>(open.subMap(from, true, range.last(), true)).entrySet()) {
      fill(each.getKey(), each.getValue(), range);
    }
  }

  private void fill(SegmentId first, SegmentId last, SegmentRange range) {
    if (last.compareTo(range.first()) < 0) {
      return;
    }
    open.remove(first);
    if (first.compareTo(range.first()) < 0) {
      open.put(first, range.first().before());
    }
    if (last.compareTo(range.last()) > 0) {
      open.put(range.last().next(), last);
    }
  }
}
