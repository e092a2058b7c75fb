package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.Follower;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {
  private static final int SEGMENT_LENGTH = 6000;

  @TempDir Path folder;

  private final World world = new World();
  private final Graveyard bucket = new Graveyard();
  private int folders;

  private Service.Terms terms(Bucket over) {
    return world.terms(over, SEGMENT_LENGTH);
  }

  private Service standby(Bucket over) throws HoldfastException {
    return Service.standby(
        terms(over), folder.resolve("s" + folders++), AfterCrash.VERIFY, world, world.stopped::add);
  }

  private Service owner() throws HoldfastException {
    return world.own(bucket, folder.resolve("o" + folders++), SEGMENT_LENGTH);
  }

  private static void settle(Follower follower) throws HoldfastException {
    while (follower.advance() == Follower.Step.CAME) {
      // There may be more.
    }
  }

  /// Two servers change roles again and again while machines back up, delete, and cleaning goes on;
  /// whoever is the standby then must know what the owner knew.
  @Test
  void standbyThatFollowsKnowsWhatTheOwnerKnowsAndTakesOverWithAll() throws Exception {
    long acknowledged = 0;
    for (int seed = 0; seed < 8; seed++) {
      Graveyard log = new Graveyard();
      History history = new History(seed, world.clock);
      Random random = new Random(seed);
      Service owner = world.own(log, folder.resolve("a" + seed), SEGMENT_LENGTH);
      for (int turn = 0; turn < 4; turn++) {
        Service.Terms terms = terms(log);
        Path state = folder.resolve("t" + seed + "-" + turn);
        Service standby =
            Service.standby(terms, state, AfterCrash.VERIFY, world, world.stopped::add);
        Follower follower = standby.follower(terms);
        history.on(owner.shard());
        for (int i = 0; i < 10; i++) {
          history.run(1 + random.nextInt(15));
          owner.shard().awaitDurable();
          if (random.nextInt(3) > 0) {
            settle(follower);
            assertThat(World.digest(standby)).as("seed %d", seed).isEqualTo(World.digest(owner));
            assertThat(standby.shard().position()).isEqualTo(owner.shard().position());
          }
        }
        // Not all of it is followed by then.
        standby.own(terms, standby.seal(terms, world), follower);
        closeFenced(owner);
        owner = standby;
        history.on(owner.shard());
        history.check();
      }
      history.run(40);
      history.check();
      owner.shard().awaitDurable();
      Index memory = new MemoryIndex();
      assertThat(World.replay(log, memory)).isEqualTo(World.digest(owner));
      assertThat(World.live(owner)).as("live bytes").isEqualTo(World.kept(owner));
      owner.close();
      try (Index kept = RocksIndex.open(folder.resolve("t" + seed + "-3/index"))) {
        assertThat(ShardState.position(kept)).isEqualTo(ShardState.position(memory));
      }
      acknowledged += history.acknowledged();
    }
    assertThat(acknowledged).isGreaterThan(100);
    assertThat(world.stopped).isEmpty();
  }

  /// A standby may be years old when it begins to end deletions.
  @Test
  void deletionsEndNoSoonerAfterATakeoverThanAfterAStart() throws Exception {
    Service owner = owner();
    work(owner, 10);
    try (Service standby = standby(bucket)) {
      Follower follower = standby.follower(terms(bucket));
      standby.shard().freeing().settle(3_600_000);
      world.clock.sleepMillis(5L * 24 * 3_600_000);
      settle(follower);
      Service.Terms terms = terms(bucket);
      standby.own(terms, standby.seal(terms, world), follower);
      standby.shard().freeing().settle(3_600_000);
      assertThat(standby.shard().freeing().held().millis()).isEqualTo(3_600_000);
      // By its clock the log was written last so long ago that the clock may be wrong.
      world.clock.jump(40L * 24 * 3_600_000);
      standby.shard().freeing().round();
      assertThat(standby.shard().freeing().held().millis()).isGreaterThan(23L * 3_600_000);
      closeFenced(owner);
    }
  }

  @Test
  void segmentThatCameBeforeTheOneBeforeItWaits() throws Exception {
    MemoryBucket shown = new MemoryBucket();
    try (Service owner = owner();
        Service standby = standby(shown)) {
      Follower follower = standby.follower(terms(shown));
      work(owner, 30);
      List<SegmentId> all = new ArrayList<>(World.reader(bucket).list(0).keySet());
      assertThat(all).hasSizeGreaterThan(7);
      show(all.subList(0, 4), shown);
      settle(follower);
      show(all.subList(5, 7), shown);
      assertThat(follower.advance()).isEqualTo(Follower.Step.NOTHING);
      assertThat(standby.shard().position().segmentId(0)).isEqualTo(all.get(3));
      show(all.subList(4, 5), shown);
      settle(follower);
      assertThat(standby.shard().position().segmentId(0)).isEqualTo(all.get(6));
    }
  }

  @Test
  void segmentThatWasCleanedBeforeItWasFollowedIsAHole() throws Exception {
    try (Service owner = owner();
        Service standby = standby(bucket)) {
      Follower follower = standby.follower(terms(bucket));
      History history = new History(5, world.clock);
      history.on(owner.shard());
      history.run(20);
      owner.shard().awaitDurable();
      settle(follower);
      SegmentId followed = standby.shard().position().segmentId(0);
      for (int i = 0; i < 40 && !wasCleanedBehind(owner, followed); i++) {
        history.run(40);
        world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
        owner.shard().freeing().round();
        while (owner.shard().cleaner().orElseThrow().round()) {
          // All that is worth it.
        }
      }
      assertThat(wasCleanedBehind(owner, followed)).isTrue();
      Follower.Step step = follower.advance();
      for (int i = 0; i < 100 && step != Follower.Step.HOLE; i++) {
        world.clock.sleepMillis(1000);
        step = follower.advance();
      }
      assertThat(step).isEqualTo(Follower.Step.HOLE);
      Service.Terms terms = terms(bucket);
      assertThatThrownBy(() -> standby.own(terms, standby.seal(terms, world), follower))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("cleaned");
    }
  }

  @Test
  void segmentThatIsDamagedIsFollowedOnceItIsWhole() throws Exception {
    MemoryBucket shown = new MemoryBucket();
    try (Service owner = owner();
        Service standby = standby(shown)) {
      Follower follower = standby.follower(terms(shown));
      work(owner, 20);
      List<SegmentId> all = new ArrayList<>(World.reader(bucket).list(0).keySet());
      show(all.subList(0, 3), shown);
      settle(follower);
      byte[] whole =
          bucket.get(all.get(3).key(), 0, Bucket.MAX_OBJECT_LENGTH).orElseThrow().bytes();
      byte[] harmed = whole.clone();
      harmed[100] ^= 1;
      shown.putIfAbsent(all.get(3).key(), List.of(java.nio.ByteBuffer.wrap(harmed)));
      assertThatThrownBy(follower::advance).isInstanceOf(CorruptException.class);
      assertThatThrownBy(follower::advance).isInstanceOf(CorruptException.class);
      assertThat(standby.shard().position().segmentId(0)).isEqualTo(all.get(2));
      shown.delete(all.get(3).key());
      show(all, shown);
      settle(follower);
      assertThat(World.digest(standby)).isEqualTo(World.digest(owner));
    }
  }

  private static void closeFenced(Service owner) throws HoldfastException {
    try {
      owner.close();
    } catch (UnavailableException e) {
      // What was not durable is not any more, and was promised to nobody.
    }
  }

  private void work(Service owner, int steps) throws Exception {
    History history = new History(3, world.clock);
    history.on(owner.shard());
    history.run(steps);
    owner.shard().awaitDurable();
  }

  /// Whether a segment behind this one is gone.
  private boolean wasCleanedBehind(Service owner, SegmentId from) throws HoldfastException {
    SegmentId last = owner.shard().position().segmentId(0);
    for (SegmentId id = from.next(); id.compareTo(last) < 0; id = id.next()) {
      if (World.reader(bucket).header(id).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private void show(List<SegmentId> segments, Bucket to) throws HoldfastException {
    for (SegmentId id : segments) {
      byte[] bytes = bucket.get(id.key(), 0, Bucket.MAX_OBJECT_LENGTH).orElseThrow().bytes();
      to.putIfAbsent(id.key(), List.of(java.nio.ByteBuffer.wrap(bytes)));
    }
  }
}
