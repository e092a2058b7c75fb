package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.state.Position;

/// What the live state's digest was at the ends of the last segments. A drill that has made the
/// state anew ends somewhere among them, and compares.
///
/// The owner adds; any thread reads.
public final class RecentDigests {
  /// More than are written between a listing of the log and a look here; 100 kB of memory.
  private static final int SEGMENTS_MAX = 1024;

  private final int shard;
  private final Deque<Position> last = new ArrayDeque<>();

  RecentDigests(int shard) {
    this.shard = shard;
  }

  /// The state has come to the end of a segment; where it is at no segment yet there is nothing to
  /// compare.
  synchronized void add(Position position) {
    if (position.epoch() == 0) {
      return;
    }
    last.addLast(position);
    if (last.size() > SEGMENTS_MAX) {
      last.removeFirst();
    }
  }

  public synchronized Map<SegmentId, StateDigest> all() {
    Map<SegmentId, StateDigest> all = new HashMap<>();
    last.forEach(each -> all.put(each.segmentId(shard), each.digest()));
    return all;
  }
}
