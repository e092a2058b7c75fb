package org.holdfast.server;

import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.server.shard.ShardService;
import org.jspecify.annotations.Nullable;

/// An owner's look at its partner. One that says it owns the log has taken it, which an owner that
/// writes nothing would find out when somebody asks it for something: it looks at the log at once.
final class OwnerWatch implements AutoCloseable {
  private static final long PAUSE_MILLIS = 2000;
  private static final int ANSWER_MILLIS = 2000;

  private final Partner partner;
  private final ShardService shard;
  private final Clock clock;
  private @Nullable Thread thread;

  OwnerWatch(Partner partner, ShardService shard, Clock clock) {
    this.partner = partner;
    this.shard = shard;
    this.clock = clock;
  }

  synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("partner", this::run);
  }

  private void run() {
    try {
      while (true) {
        clock.sleepMillis(PAUSE_MILLIS);
        if (partner.ask(ANSWER_MILLIS) == Partner.State.OWNER && !shard.goesOn()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }
}
