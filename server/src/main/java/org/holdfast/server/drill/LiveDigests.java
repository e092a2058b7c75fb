package org.holdfast.server.drill;

import java.util.Map;
import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;

/// What a live server's state was at the ends of the last segments that it has written.
public interface LiveDigests {
  /// There is no server.
  LiveDigests NONE =
      new LiveDigests() {
        @Override
        public Map<SegmentId, StateDigest> recent() {
          return Map.of();
        }

        @Override
        public Optional<SegmentId> durable() {
          return Optional.empty();
        }
      };

  /// Also of segments that are on their way.
  Map<SegmentId, StateDigest> recent() throws HoldfastException;

  /// The last segment that is in the bucket for certain, with all before it.
  Optional<SegmentId> durable() throws HoldfastException;
}
