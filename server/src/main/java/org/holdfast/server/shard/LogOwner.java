package org.holdfast.server.shard;

import java.util.List;
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
  public List<SegmentId> unstored() throws HoldfastException {
    return loop.call(log::unstored);
  }

  @Override
  public void replacedAt(SegmentId seal) {
    loop.post(() -> log.stop(SegmentStore.takenOver(seal)));
  }
}
