package org.holdfast.server.shard;

import java.util.Map;
import org.holdfast.log.SegmentId;

/// What cannot be read, as objects of the log are missing or damaged.
///
/// @param blocks that can be seen and of which no copy is whole, where it is known block by block
///   what is damaged
/// @param objects the others, of which no block counts as whole, each with how many bytes of it are
///   needed
public record LostData(long blocks, Map<SegmentId, Long> objects) {
  public LostData {
    objects = Map.copyOf(objects);
  }

  /// Needed of all these objects.
  public long objectBytes() {
    return objects.values().stream().mapToLong(Long::longValue).sum();
  }
}
