package org.holdfast.server.shard;

import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;

/// How long a commit waits for others to share its segment. Any thread.
final class Linger {
  private final ShardLoop loop;
  private final Clock clock;
  private final Spawner spawner;
  private final long millis;

  Linger(ShardLoop loop, Clock clock, Spawner spawner, long millis) {
    this.loop = loop;
    this.clock = clock;
    this.spawner = spawner;
    this.millis = millis;
  }

  /// Runs the event on the owner's thread when the time is over.
  void begin(Runnable event) {
    if (millis == 0) {
      loop.post(event);
      return;
    }
    spawner.spawn(
        "linger",
        () -> {
          try {
            clock.sleepMillis(millis);
            loop.post(event);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
