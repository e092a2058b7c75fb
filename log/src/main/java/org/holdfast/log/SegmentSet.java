package org.holdfast.log;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Segments, as ranges: of neighbours there may be a million.
///
/// Not thread-safe.
public final class SegmentSet {
  /// The last segment of each range by its first one.
  private final TreeMap<SegmentId, SegmentId> ranges = new TreeMap<>();

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  public boolean contains(SegmentId id) {
    Map.Entry<SegmentId, SegmentId> range = ranges.floorEntry(id);
    return range != null && range.getValue().compareTo(id) >= 0;
  }

  /// Whether all of these are there.
  public boolean containsAll(SegmentRange range) {
    SegmentId id = range.first();
    while (range.contains(id)) {
      Map.Entry<SegmentId, SegmentId> known = ranges.floorEntry(id);
      if (known == null || known.getValue().compareTo(id) < 0) {
        return false;
      }
      id = known.getValue().next();
    }
    return true;
  }

  /// In the order of the log.
  public List<SegmentRange> ranges() {
    return ranges.entrySet().stream()
        .map(each -> new SegmentRange(each.getKey(), each.getValue()))
        .toList();
  }

  /// Some of them may be there already.
  public void add(SegmentRange range) {
    remove(range);
    ranges.put(range.first(), range.last());
  }

  /// Some of them may not be there.
  public void remove(SegmentRange range) {
    SegmentId before = ranges.lowerKey(range.first());
    SegmentId from = before == null ? range.first() : before;
    for (var each : new TreeMap<>(ranges.subMap(from, true, range.last(), true)).entrySet()) {
      cut(each.getKey(), each.getValue(), range);
    }
  }

  private void cut(SegmentId first, SegmentId last, SegmentRange range) {
    if (last.compareTo(range.first()) < 0) {
      return;
    }
    ranges.remove(first);
    if (first.compareTo(range.first()) < 0) {
      ranges.put(first, range.first().before());
    }
    if (last.compareTo(range.last()) > 0) {
      ranges.put(range.last().next(), last);
    }
  }
}
