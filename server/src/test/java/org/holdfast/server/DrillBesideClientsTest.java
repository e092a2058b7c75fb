package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Session;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.Pacer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a drill takes from clients, in time that passes only when somebody sleeps or reads from the
/// bucket.
@Timeout(60)
class DrillBesideClientsTest extends WithSessions {
  private static final int READ_MILLIS = 10;
  private static final int BACKUPS = 20;

  /// A client that waits for a block all the time is as much as a load can be.
  @Test
  void aDrillTakesLessThanATenthOfTheTimeWhileAClientWaits() throws Exception {
    Client client = registered();
    Session writer = connect(client, Right.WRITE);
    List<BlockRef> blocks = List.of();
    for (int i = 0; i < BACKUPS; i++) {
      blocks = client.backUp(writer, new byte[100]);
    }
    service.shard().awaitDurable();
    List<BlockRef> wanted = blocks;
    Session reader = connect(client, Right.READ);
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    bucket.nextGetAwaits.set(answered);
    int before = bucket.gets.get();
    Thread restores =
        SPAWNER.spawn(
            "restores",
            () -> {
              asked.countDown();
              try {
                new Client(client).fetch(reader, wanted);
              } catch (HoldfastException e) {
                throw new IllegalStateException(e);
              }
            });
    asked.await();
    while (bucket.gets.get() == before) {
      Thread.onSpinWait();
    }
    bucket.afterGet = () -> world.clock.pass(READ_MILLIS);
    long start = world.clock.wallMillis();
    new ScheduledDrill(world.terms(bucket), service.shard(), folder.resolve("state"), 1).round();
    long tookMillis = world.clock.wallMillis() - start;
    Pacer.Progress drill = service.shard().pacer().progress(BackgroundJob.DRILL);
    assertThat(restores.isAlive()).as("the client has waited all the time").isTrue();
    answered.countDown();
    restores.join();
    assertThat(new DrillBook(folder.resolve("state")).all())
        .singleElement()
        .matches(found -> found.isGood());
    assertThat(drill.workedMillis()).isGreaterThanOrEqualTo((long) BACKUPS * READ_MILLIS);
    assertThat(drill.workedMillis() * 10).isLessThan(tookMillis);
    assertThat(drill.workedMillis() * 200).as("it comes to its end").isGreaterThan(tookMillis);
  }
}
