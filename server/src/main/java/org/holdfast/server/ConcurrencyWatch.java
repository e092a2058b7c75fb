package org.holdfast.server;

import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.server.journal.Timeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes `s3-concurrency` from the config file again and again while a process runs: a recovery
/// that reads for hours can be given more requests at once, or fewer, without beginning anew.
///
/// Looks at nothing where the bucket is a folder, which no gate stands before.
///
/// Any thread.
final class ConcurrencyWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConcurrencyWatch.class);

  private static final long LOOK_MILLIS = 2_000;

  private final ServerConfig config;
  private final Buckets buckets;
  private final Clock clock;
  private final Timeline timeline;
  private int concurrency;
  private String told = "";
  private @Nullable Thread thread;

  ConcurrencyWatch(ServerConfig config, Buckets buckets, Clock clock) {
    this.config = config;
    this.buckets = buckets;
    this.clock = clock;
    this.timeline = Timeline.in(config.state(), clock, "settings");
    this.concurrency = config.s3().concurrency();
  }

  /// From here on, until it is closed.
  ConcurrencyWatch begin(Spawner spawner) {
    if (config.bucket() instanceof BucketAddress.S3) {
      thread = spawner.spawn("concurrency", this::run);
    }
    return this;
  }

  private void run() {
    try {
      while (true) {
        clock.sleepMillis(LOOK_MILLIS);
        look();
      }
    } catch (InterruptedException e) {
      // It is closed.
    }
  }

  /// Takes over what the file says now. One that cannot be read changes nothing.
  synchronized void look() {
    try {
      int now = config.again().s3().concurrency();
      told = "";
      if (now != concurrency) {
        buckets.atMost(now);
        timeline.note(
            "at most %d requests at once, which were %d, by `s3-concurrency`"
                .formatted(now, concurrency));
        concurrency = now;
      }
    } catch (RefusedException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(told) && !Thread.currentThread().isInterrupted()) {
        LOG.warn("`s3-concurrency` stays as it was: {}", why);
      }
      told = why;
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }
}
