package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.core.Bytes;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;

/// Which segments are retired, and which are being cleaned (`docs/cleaning.md`).
///
/// All of it is in memory too: retired segments are ranges, of which there are few, as neighbours
/// become one.
///
/// Not thread-safe: the shard's owner calls every method.
final class Cleanings {
  private final int shard;
  private final Rows rows;
  private final Holes holes;

  /// The last segment of each range by its first one.
  private final TreeMap<SegmentId, SegmentId> retired = new TreeMap<>();

  private final TreeSet<SegmentId> begun = new TreeSet<>();

  Cleanings(int shard, Rows rows, Holes holes) {
    this.shard = shard;
    this.rows = rows;
    this.holes = holes;
    read();
  }

  /// Of a segment that is retired it says nothing any more: an owner whose log was held up in
  /// between did not know, and what retires the segment once more would not end it.
  void begun(LogRecord.CleaningBegun record) {
    SegmentId id = new SegmentId(shard, record.epoch(), record.segment());
    if (retired(id).isPresent()) {
      return;
    }
    begun.add(id);
    rows.put(Keys.cleaning(id), new byte[0]);
  }

  /// Answers which of them are new, as ranges that may hold others too.
  List<SegmentRange> retired(LogRecord.SegmentsRetired record) {
    SegmentRange range = record.range(shard);
    if (retired(range.first()).filter(known -> known.contains(range.last())).isPresent()) {
      return List.of();
    }
    add(range);
    holes.retired(range);
    for (SegmentId id : new TreeSet<>(begun.subSet(range.first(), true, range.last(), true))) {
      begun.remove(id);
      rows.delete(Keys.cleaning(id));
    }
    return List.of(range);
  }

  /// The retired neighbours of a retired segment, with itself.
  Optional<SegmentRange> retired(SegmentId id) {
    Map.Entry<SegmentId, SegmentId> range = retired.floorEntry(id);
    return range == null || range.getValue().compareTo(id) < 0
        ? Optional.empty()
        : Optional.of(new SegmentRange(range.getKey(), range.getValue()));
  }

  boolean isBegun(SegmentId id) {
    return begun.contains(id);
  }

  /// Whether the cleaning of any other segment was begun and not ended.
  boolean hasOther(SegmentId id) {
    return begun.size() > (begun.contains(id) ? 1 : 0);
  }

  /// The rows have changed by other hands.
  void forget() {
    retired.clear();
    begun.clear();
    read();
  }

  private void add(SegmentRange range) {
    SegmentId first = range.first();
    SegmentId last = range.last();
    Map.Entry<SegmentId, SegmentId> before = retired.floorEntry(first);
    if (before != null && touches(before.getValue(), first)) {
      first = before.getKey();
      last = max(last, before.getValue());
    }
    Map.Entry<SegmentId, SegmentId> each = retired.ceilingEntry(first);
    while (each != null && touches(last, each.getKey())) {
      last = max(last, each.getValue());
      retired.remove(each.getKey());
      rows.delete(Keys.retired(each.getKey()));
      each = retired.ceilingEntry(first);
    }
    retired.put(first, last);
    rows.put(Keys.retired(first), ByteBuffer.allocate(Long.BYTES).putLong(last.number()).array());
  }

  /// Whether a range that begins with `first` goes on where one that ends with `last` does, or
  /// before.
  private static boolean touches(SegmentId last, SegmentId first) {
    return first.epoch() == last.epoch() && first.number() <= last.number() + 1;
  }

  private static SegmentId max(SegmentId one, SegmentId other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private void read() {
    for (var row : rows.withPrefix(Keys.RETIRED).entrySet()) {
      SegmentId first = Keys.segment(shard, row.getKey());
      long last = ByteBuffer.wrap(row.getValue()).getLong();
      retired.put(first, new SegmentId(shard, first.epoch(), last));
    }
    for (Bytes key : rows.withPrefix(Keys.CLEANING).keySet()) {
      begun.add(Keys.segment(shard, key));
    }
  }
}
