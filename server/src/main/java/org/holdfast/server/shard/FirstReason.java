package org.holdfast.server.shard;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells a shard's listener the first reason for which its log has stopped, and no other: they
/// follow from it. What the listener throws does not stop the shard's reads.
///
/// Any thread.
final class FirstReason {
  private static final Logger LOG = LoggerFactory.getLogger(FirstReason.class);

  private final AtomicBoolean told = new AtomicBoolean();
  private final ShardService.Listener listener;

  FirstReason(ShardService.Listener listener) {
    this.listener = listener;
  }

  void tell(Exception reason) {
    if (told.compareAndSet(false, true)) {
      try {
        listener.stopped(reason);
      } catch (RuntimeException e) {
        LOG.error("telling that backups have stopped failed", e);
      }
    }
  }
}
