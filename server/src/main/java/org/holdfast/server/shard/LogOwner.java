package org.holdfast.server.shard;

import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentId;

/// Answers a [FenceWatch] for the owner's log. Any thread.
final class LogOwner implements FenceWatch.Owner {
  private final ShardLoop loop;
  private final ShardLog log;

  LogOwner(ShardLoop loop, ShardLog log) {
    this.loop = loop;
    this.log = log;
  }

  @Override
  public Optional<SegmentId> next() throws HoldfastException {
    return loop.call(log::next);
  }

  @Override
  public boolean met(SegmentId id) throws HoldfastException {
    return loop.call(() -> {
      boolean isOthers = log.next().equals(Optional.of(id));
      if (isOthers) {
        log.stop(SegmentStore.takenOver(id));
      }
      return isOthers;
    });
  }
}
