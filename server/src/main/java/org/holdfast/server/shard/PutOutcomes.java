package org.holdfast.server.shard;

import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.SegmentId;

/// Passes what becomes of puts on to the owner of the log. Any thread.
final class PutOutcomes implements SegmentStore.Outcome {
  private final ShardLoop loop;
  private final ShardLog log;
  private final DefectReport defects;
  private final FenceWatch fence;

  PutOutcomes(ShardLoop loop, ShardLog log, DefectReport defects, FenceWatch fence) {
    this.loop = loop;
    this.log = log;
    this.defects = defects;
    this.fence = fence;
  }

  @Override
  public void stored(SegmentId id) {
    fence.stored();
    loop.post(() -> log.stored(id));
  }

  @Override
  public void stalled(HoldfastException why) {
    loop.post(() -> log.stall(why));
  }

  @Override
  public void failed(HoldfastException why) {
    if (why instanceof ConflictException) {
      fence.replaced();
    }
    loop.post(() -> {
      if (why.getCause() instanceof RuntimeException || why.getCause() instanceof Error) {
        defects.write(why, log.seen());
      }
      log.stop(why);
    });
  }
}
