package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  @TempDir Path folder;

  private final World world = new World();

  @Test
  void liveReplayedAndScannedStatesShareOneDigest() throws Exception {
    int acknowledged = 0;
    int moves = 0;
    long freed = 0;
    for (int seed = 0; seed < 20; seed++) {
      MemoryBucket bucket = new MemoryBucket();
      Path state = folder.resolve("s" + seed);
      History history = new History(seed, world.clock);
      Service service = world.own(bucket, state);
      history.on(service.shard());
      history.run(200);
      history.check();
      acknowledged += history.acknowledged();
      moves += history.moves();
      freed += service.shard().freeing().progress().freedBlocks();
      service.shard().awaitDurable();
      StateDigest live = World.digest(service);

      Index memory = new MemoryIndex();
      assertThat(World.replay(bucket, memory)).as("seed %d", seed).isEqualTo(live);
      assertThat(ShardState.scan(memory, Spawner.virtual()).digest()).isEqualTo(live);
      assertThat(World.live(service)).as("live bytes").isEqualTo(World.kept(service));
      service.close();
      try (Index kept = RocksIndex.open(state.resolve("index"))) {
        assertThat(ShardState.scan(kept, Spawner.virtual()).digest()).isEqualTo(live);
        assertThat(ShardState.position(kept)).isEqualTo(ShardState.position(memory));
      }
      if (seed % 5 == 0) {
        try (Index rocks = RocksIndex.open(folder.resolve("r" + seed))) {
          assertThat(World.replay(bucket, rocks)).isEqualTo(live);
          assertThat(ShardState.scan(rocks, Spawner.virtual()).digest()).isEqualTo(live);
        }
      }
    }
    assertThat(acknowledged).isGreaterThan(150);
    assertThat(freed).isGreaterThan(200);
    assertThat(moves).isGreaterThan(50);
    assertThat(world.stopped).isEmpty();
  }

  @Test
  void whateverCallTheProcessDiesAtWhatWasAcknowledgedIsThere() throws Exception {
    int crashes = 0;
    for (Fault fault : new Fault[] {Fault.DEATH_BEFORE, Fault.DEATH_AFTER}) {
      boolean died = true;
      for (int call = 1; died; call++) {
        died = dieAt(call, fault);
        crashes += died ? 1 : 0;
      }
    }
    assertThat(crashes).isGreaterThan(14);
  }

  /// Some work, a clean restart, more work until the process dies; then three restarts: with the
  /// index as it was, with none, with an old one.
  private boolean dieAt(int call, Fault fault) throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    Path base = folder.resolve(fault + "-" + call);
    Path state = base.resolve("state");
    History history = new History(77, world.clock);
    try (Service first = world.own(bucket, state)) {
      history.on(first.shard());
      history.run(25);
    }
    Path old = World.copy(state, base.resolve("old"));
    FaultyBucket faulty = new FaultyBucket(bucket).fail(call, fault);
    try (Service second = world.own(new QuietLists(faulty, bucket), state)) {
      history.on(second.shard());
      history.run(30);
    } catch (HoldfastException e) {
      // It died while it started, or while it stopped.
    }
    Files.deleteIfExists(state.resolve("clean"));
    Files.deleteIfExists(old.resolve("clean"));
    StateDigest digest = null;
    for (Path restarted : List.of(state, base.resolve("empty"), old)) {
      try (Service again = world.own(bucket, restarted)) {
        history.on(again.shard());
        history.check();
        digest = digest == null ? World.digest(again) : digest;
        assertThat(World.digest(again)).as("%s at %d", fault, call).isEqualTo(digest);
      }
    }
    assertThat(World.replay(bucket, new MemoryIndex())).isEqualTo(digest);
    assertThat(world.told).noneMatch(told -> told.startsWith("discarded"));
    return faulty.isDead();
  }

  /// Listings change nothing, and a start makes hundreds: they are not counted, but fail with the
  /// rest.
  private record QuietLists(FaultyBucket faulty, Bucket inner) implements Bucket {
    @Override
    public Optional<Range> get(String key, long offset, int length)
        throws CorruptException, RefusedException, UnavailableException {
      return faulty.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body)
        throws RefusedException, UnavailableException {
      return faulty.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) throws RefusedException, UnavailableException {
      faulty.delete(key);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit)
        throws RefusedException, UnavailableException {
      return (faulty.isDead() ? faulty : inner).list(prefix, startAfter, limit);
    }
  }
}
