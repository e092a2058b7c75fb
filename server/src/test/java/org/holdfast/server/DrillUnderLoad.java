package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.ServerMode;
import org.holdfast.protocol.Session;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.BackgroundJob;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Measures what clients lose by a drill in the background. Its name keeps it out of the tests;
/// asked for by
///
/// `mvn -pl server -am -Dtest=DrillUnderLoad -Dsurefire.failIfNoSpecifiedTests=false test`
class DrillUnderLoad extends WithSessions {
  private static final int BACKUPS = 20;
  private static final int CHUNKS = 3000;
  private static final int WINDOWS = 3;

  /// Between two backups: each makes a segment, and a drill has all to read.
  private static final long REST_MILLIS = 200;

  private static final long WINDOW_MILLIS = 15_000;

  private final AtomicLong restored = new AtomicLong();
  private final AtomicLong backupNanos = new AtomicLong();
  private final AtomicLong committed = new AtomicLong();
  private volatile boolean isOver;

  @BeforeEach
  @Override
  void start() throws Exception {
    service = new World(CLOCK).own(bucket, folder.resolve("state"));
    sessions = new Sessions(service.shard(), World.SERVICE, ServerMode.ALL, CLOCK, SPAWNER);
  }

  @Test
  void clientsWithAndWithoutADrill() throws Exception {
    Client client = new Client().invited(service.shard(), "laptop", Long.MAX_VALUE);
    Session writer = connect();
    client.register(writer);
    client.prove(writer, Right.WRITE);
    byte[][] chunks = new byte[CHUNKS][100];
    List<BlockRef> refs = List.of();
    for (int i = 0; i < BACKUPS; i++) {
      refs = client.backUp(writer, chunks);
    }
    List<BlockRef> wanted = refs;
    SPAWNER.spawn(
        "backups",
        () ->
            repeat(() -> {
              long start = CLOCK.nanos();
              client.backUp(writer, Arrays.copyOf(chunks, 20));
              backupNanos.addAndGet(CLOCK.nanos() - start);
              rest();
              committed.incrementAndGet();
            }));
    for (int i = 0; i < 3; i++) {
      Session reader = connect();
      client.prove(reader, Right.READ);
      Client same = new Client(client);
      SPAWNER.spawn(
          "restores", () -> repeat(() -> restored.addAndGet(same.fetch(reader, wanted).size())));
    }
    ScheduledDrill drill =
        new ScheduledDrill(
            new World(CLOCK).terms(bucket), service.shard(), folder.resolve("state"), 1);
    SPAWNER.spawn(
        "drills",
        () ->
            repeat(() -> {
              if (service.shard().pacer().holds(BackgroundJob.DRILL).isEmpty()) {
                drill.round();
              } else {
                rest();
              }
            }));
    List<long[]> without = new ArrayList<>();
    List<long[]> with = new ArrayList<>();
    window();
    for (int i = 0; i < WINDOWS; i++) {
      service.shard().pacer().hold(BackgroundJob.DRILL);
      without.add(window());
      service.shard().pacer().resume(BackgroundJob.DRILL);
      with.add(window());
    }
    isOver = true;
    drill.stop();
    for (int what = 0; what < 2; what++) {
      double off = median(without, what);
      double on = median(with, what);
      System.out.printf(
          "DRILL %s: %.0f without, %.0f with, %.3f%n",
          what == 0 ? "restored blocks" : "ns a backup", off, on, on / off);
    }
    System.out.printf(
        "DRILL %s, %d results%n",
        service.shard().pacer().progress(BackgroundJob.DRILL),
        new DrillBook(folder.resolve("state")).all().size());
    assertThat(world.stopped).isEmpty();
  }

  private long[] window() throws Exception {
    long restoredBefore = restored.get();
    long committedBefore = committed.get();
    long nanosBefore = backupNanos.get();
    CLOCK.sleepMillis(WINDOW_MILLIS);
    return new long[] {
      restored.get() - restoredBefore,
      (backupNanos.get() - nanosBefore) / Math.max(1, committed.get() - committedBefore)
    };
  }

  private static double median(List<long[]> windows, int what) {
    long[] sorted = windows.stream().mapToLong(each -> each[what]).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private void repeat(Work work) {
    while (!isOver) {
      try {
        work.run();
      } catch (HoldfastException e) {
        // A drill that is switched off begins again.
        Thread.yield();
      }
    }
  }

  private static void rest() {
    try {
      CLOCK.sleepMillis(REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Work {
    void run() throws HoldfastException;
  }
}
