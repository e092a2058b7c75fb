package org.holdfast.server;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.Damages;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.shard.StateFolder;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// One of the servers that fight over a shard, with an index of its own that outlives its terms.
final class Rival {
  /// One term of ownership, which it may believe to last when it is over.
  record Term(Rival rival, ShardService shard, int epoch, List<Exception> stopped) {}

  final List<Throwable> defects = new CopyOnWriteArrayList<>();
  private final String name;
  private final Stage stage;
  private final @Nullable Path folder;
  private final Ground.Way way;
  private final SecureRandom random;
  private final TestClock clock = new TestClock();
  private Index index = new MemoryIndex();
  private @Nullable StateFolder home;
  private volatile boolean starting;
  private volatile @Nullable Term term;
  int starts;

  /// Its index is in memory unless there is a folder for it.
  Rival(String name, Stage stage, Ground.Way way, @Nullable Path folder, long seed) {
    this.name = name;
    this.stage = stage;
    this.folder = folder;
    this.way = way;
    this.random = new Seeded(seed);
  }

  String name() {
    return name;
  }

  boolean isDown() {
    return !starting && term == null;
  }

  boolean isStarting() {
    return starting;
  }

  Ground.Way way() {
    return way;
  }

  /// Its term, once it has taken over and until it is stopped.
  @Nullable Term term() {
    return term;
  }

  /// Begins to take the shard over.
  void start() {
    starts++;
    starting = true;
    stage.spawner().spawn(name + " starts", this::takeOver);
  }

  private void takeOver() {
    try {
      StagedBucket bucket = new StagedBucket(stage, this);
      ShardStart start = startOf(bucket);
      openIndex(start);
      int epoch = start.fence(index, random);
      bucket.enter(StagedBucket.Phase.REPLAYING);
      ShardState state = start.catchUp(index);
      bucket.enter(StagedBucket.Phase.OWNING);
      List<Exception> stopped = new CopyOnWriteArrayList<>();
      ShardService shard =
          new ShardService(
              0,
              state,
              bucket,
              clock,
              stage.spawner(),
              0,
              Service.Terms.GRACE_MILLIS,
              LogWriter.SEGMENT_DATA_LENGTH,
              LogWriter.IN_FLIGHT_MAX,
              new Damages(clock, 0, Optional.empty()),
              stopped::add);
      byte[] owner = new byte[16];
      random.nextBytes(owner);
      shard.own(
          World.SERVICE, World.KEY, SegmentId.first(0, epoch), Bytes.wrap(owner), random, Set.of());
      term = new Term(this, shard, epoch, stopped);
    } catch (UnavailableException e) {
      closeIndex();
    } catch (Throwable e) {
      defects.add(e);
    } finally {
      starting = false;
    }
  }

  private ShardStart startOf(Bucket bucket) {
    return new ShardStart(
        0,
        bucket,
        World.KEY,
        World.SERVICE,
        clock,
        stage.spawner(),
        0,
        RocksIndex::open,
        Sorting.NEVER,
        new World());
  }

  private void openIndex(ShardStart start) throws HoldfastException {
    if (folder != null) {
      StateFolder opened = StateFolder.open(folder);
      home = opened;
      index = start.openIndex(opened);
    }
  }

  private void closeIndex() {
    if (home != null) {
      index.close();
      home.close();
      home = null;
    }
  }

  /// Its process ends, without a word; what it has sent may still arrive.
  void stop() {
    Term ended = term;
    if (ended != null) {
      ended.shard.stop();
      term = null;
      closeIndex();
    }
  }

  /// What its index says once it has caught up with a log. It is stopped.
  StateDigest caughtUp(Bucket bucket) throws HoldfastException {
    ShardStart start = startOf(bucket);
    openIndex(start);
    try {
      return start.catchUp(index).digest();
    } finally {
      closeIndex();
    }
  }

  /// Draws the same numbers in each run.
  private static final class Seeded extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final transient Random seeded;

    Seeded(long seed) {
      seeded = new Random(seed);
    }

    @Override
    public synchronized void nextBytes(byte[] bytes) {
      seeded.nextBytes(bytes);
    }
  }
}
