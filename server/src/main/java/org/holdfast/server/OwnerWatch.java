package org.holdfast.server;

import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;
import org.holdfast.server.session.StatusReport;
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
  private volatile Partner.State heard = Partner.State.SILENT;

  OwnerWatch(Partner partner, ShardService shard, Clock clock) {
    this.partner = partner;
    this.shard = shard;
    this.clock = clock;
  }

  synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("partner", this::run);
  }

  StatusReport.Pairing report() {
    return new StatusReport.Pairing(
        Optional.of(partner.toString()), heard.toString(), Optional.empty());
  }

  private void run() {
    try {
      while (true) {
        heard = partner.ask(ANSWER_MILLIS);
        if (heard == Partner.State.OWNER && !shard.goesOn()) {
          return;
        }
        clock.sleepMillis(PAUSE_MILLIS);
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
