package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.ShardService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A store that is killed in the middle of a server's writing, again and again, and comes back.
abstract class KillContract {
  private static final int SAVERS = 3;

  /// What is acknowledged before each kill, and after the store is back.
  private static final int ACKNOWLEDGED = 12;

  private final Count acknowledged = new Count();
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<Saver> savers = new CopyOnWriteArrayList<>();
  private final List<Throwable> wrong = new CopyOnWriteArrayList<>();

  /// How often it is killed.
  abstract int rounds();

  /// The server's way to the store, and that of who looks afterwards. Calls fail soon where the
  /// store is away.
  abstract List<Bucket> ways() throws Exception;

  /// SIGKILL to some of the store.
  abstract void kill(int round) throws Exception;

  abstract void startAgain() throws Exception;

  @Test
  @Timeout(600)
  void whatWasAcknowledgedOutlivesEveryKill() throws Exception {
    List<Bucket> ways = ways();
    World world = new World(new SystemClock());
    ShardService shard = world.own(ways.getFirst(), new MemoryIndex());
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < SAVERS; i++) {
      Random random = new Random(i);
      clients.add(Spawner.virtual().spawn("client", () -> save(shard, random)));
    }
    for (int round = 0; round < rounds(); round++) {
      acknowledged.awaitMore(ACKNOWLEDGED, wrong);
      kill(round);
      startAgain();
    }
    acknowledged.awaitMore(ACKNOWLEDGED, wrong);
    over.set(true);
    for (Thread client : clients) {
      client.join();
    }
    assertThat(wrong).isEmpty();
    assertThat(world.stopped).as("the server goes on when the store is back").isEmpty();
    // Its process dies as well.
    shard.stop();
    ShardService next = new World().own(ways.getLast(), new MemoryIndex());
    for (Saver saver : savers) {
      saver.check(next);
    }
    assertThat(savers).hasSize(SAVERS);
    assertThat(savers.stream().mapToInt(Saver::acknowledged).sum())
        .isGreaterThan(ACKNOWLEDGED * rounds() / 2);
    next.stop();
  }

  private void save(ShardService shard, Random random) {
    try {
      Saver saver = new Saver(random);
      saver.register(told(), shard, random);
      savers.add(saver);
      while (!over.get()) {
        backUp(saver, shard, random);
      }
    } catch (Throwable e) {
      wrong.add(e);
    }
  }

  private void backUp(Saver saver, ShardService shard, Random random) throws HoldfastException {
    try {
      saver.backUp(told(), shard, random);
    } catch (UnavailableException e) {
      // As clients do: again, and with the same transaction if it is still open.
      Thread.yield();
    }
  }

  private Saver.Acknowledged told() {
    return call -> {
      call.make();
      acknowledged.add();
    };
  }

  /// Counts, and lets a test wait.
  private static final class Count {
    private int count;

    synchronized void add() {
      count++;
      notifyAll();
    }

    synchronized int count() {
      return count;
    }

    synchronized void awaitMore(int more, List<Throwable> wrong) throws InterruptedException {
      int wanted = count + more;
      while (count < wanted && wrong.isEmpty()) {
        wait(100);
      }
    }
  }
}
