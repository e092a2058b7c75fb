package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.BackgroundJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeingTest {
  /// A start long after the log's end ends no deletion at once.
  private static final long HELD_MILLIS = 24 * 3_600_000;

  @TempDir Path folder;

  private final World world = new World();

  @Test
  void whereverFreeingDiesTheNextRoundComesToItsEnd() throws Exception {
    int crashes = 0;
    for (Fault fault : new Fault[] {Fault.DEATH_BEFORE, Fault.DEATH_AFTER}) {
      boolean died = true;
      for (int call = 1; died; call++) {
        died = dieAt(call, fault);
        crashes += died ? 1 : 0;
      }
    }
    assertThat(crashes).isGreaterThan(5);
  }

  private boolean dieAt(int call, Fault fault) throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    Path state = folder.resolve(fault + "-" + call);
    History history = new History(3, world.clock);
    try (Service service = world.own(bucket, state)) {
      history.on(service.shard());
      history.run(120);
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
    }
    FaultyBucket faulty = new FaultyBucket(bucket);
    try (Service service = world.own(faulty, state)) {
      service.shard().awaitDurable();
      world.clock.sleepMillis(HELD_MILLIS);
      faulty.fail(faulty.calls() + call, fault);
      service.shard().freeing().round();
    } catch (HoldfastException e) {
      // It died.
    }
    Files.deleteIfExists(state.resolve("clean"));
    try (Service service = world.own(bucket, state)) {
      history.on(service.shard());
      history.check();
      world.clock.sleepMillis(HELD_MILLIS);
      service.shard().freeing().round();
      history.check();
      assertThat(service.shard().<Long>durable(rows -> rows.garbageCount())).isZero();
      assertThat(service.shard().<Long>durable(rows -> rows.undoableCount())).isZero();
      assertThat(World.live(service)).isEqualTo(World.kept(service)).isEqualTo(history.kept());
      StateDigest digest = World.digest(service);
      try (Index index = new MemoryIndex()) {
        assertThat(World.replay(bucket, index)).as("%s at %d", fault, call).isEqualTo(digest);
      }
    }
    Rebuild.Report report =
        new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE).run(Rebuild.How.REPLACE);
    assertThat(report.comparison()).isEqualTo(Rebuild.Comparison.EQUAL);
    return faulty.isDead();
  }

  @Test
  void jumpOfTheClockEndsNothing() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(3, world.clock);
    try (Service service = world.own(bucket, folder)) {
      history.on(service.shard());
      history.run(120);
      service.shard().freeing().round();
      long undoable = undoable(service);
      assertThat(undoable).isPositive();
      world.clock.jump(10 * Service.Terms.GRACE_MILLIS);
      service.shard().freeing().round();
      assertThat(undoable(service)).isEqualTo(undoable);
      assertThat(service.shard().freeing().held().millis()).isPositive();
    }
    // Who starts with the wrong time finds an old log; and is in it from then on.
    world.clock.jump(10 * Service.Terms.GRACE_MILLIS);
    try (Service service = world.own(bucket, folder)) {
      long undoable = undoable(service);
      service.shard().freeing().round();
      assertThat(undoable(service)).isEqualTo(undoable).isPositive();
      world.clock.sleepMillis(HELD_MILLIS);
      service.shard().freeing().round();
      assertThat(undoable(service)).isZero();
    }
  }

  private static long undoable(Service service) throws HoldfastException {
    return service.shard().<Long>durable(rows -> rows.undoableCount());
  }

  @Test
  void aRoundHasItsMemoryFromTheBudgetAndGivesItBack() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    History history = new History(4, world.clock);
    try (Service service = world.own(bucket, folder);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      history.on(service.shard());
      history.run(150);
      service.shard().awaitDurable();
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
      bucket.set(GatedBucket.Gate.CLOSED);
      int puts = bucket.puts();
      Future<Boolean> round = threads.submit(service.shard().freeing()::round);
      bucket.awaitPuts(puts + 1);
      assertThat(service.shard().memory().heldBytes(BackgroundJob.FREEING)).isPositive();
      bucket.set(GatedBucket.Gate.OPEN);
      assertThat(round.get()).isFalse();
      assertThat(service.shard().freeing().progress().freedBlocks()).isPositive();
      assertThat(service.shard().memory().heldBytes()).isZero();
    }
  }

  @Test
  void secondRoundFreesNothing() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(4, world.clock);
    try (Service service = world.own(bucket, folder)) {
      history.on(service.shard());
      history.run(150);
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
      service.shard().freeing().round();
      var first = service.shard().freeing().progress();
      assertThat(first.freedBlocks()).isPositive();
      assertThat(first.freedBytes()).isPositive();
      assertThat(first.foundBlocks()).isZero();
      assertThat(first.foundBytes()).isZero();
      long records = service.shard().position().nextRecord();
      service.shard().freeing().round();
      assertThat(service.shard().position().nextRecord()).isEqualTo(records);
      history.check();
    }
  }

  @Test
  void nothingIsFreedWhileAnObjectIsMissing() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(4, world.clock);
    try (Service service = world.own(bucket, folder)) {
      history.on(service.shard());
      history.run(150);
    }
    var lost = World.counted(bucket).get(3);
    bucket.delete(lost.key());
    try (Service service = world.own(bucket, folder)) {
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
      long records = service.shard().position().nextRecord();
      assertThatThrownBy(() -> service.shard().freeing().round())
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(lost.key());
      assertThat(service.shard().position().nextRecord()).isEqualTo(records);
    }
  }
}
