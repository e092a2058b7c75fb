package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.CorruptException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.ShardStart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A start whose index is lost makes it by sorting, before it takes the log over.
final class SortedStartTest {
  private static final int SEGMENT_LENGTH = 6000;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private final Told told = new Told();
  private History history;
  private StateDigest before;
  private int segments;

  @BeforeEach
  void makeLog() throws Exception {
    history = new History(21, world.clock);
    try (Service service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(200);
      history.check();
      service.shard().awaitDurable();
      before = World.digest(service);
    }
    segments = World.counted(bucket).size();
    assertThat(segments).isGreaterThan(50);
  }

  @Test
  void indexThatIsLostIsMadeBySorting() throws Exception {
    try (Service service = start("second")) {
      assertThat(told.fetched).hasSize(segments);
      assertThat(told.replayed).as("after the takeover its seal alone").isZero();
      history.on(service.shard());
      history.check();
      assertThat(World.digest(service)).isEqualTo(before);
    }
    assertThat(folder.resolve("second").resolve("rebuild")).doesNotExist();
    assertThat(
            new Rebuild(world.terms(bucket), folder.resolve("second"), Rebuild.Progress.NONE)
                .run(Rebuild.How.of(true, false, true))
                .comparison())
        .isEqualTo(Rebuild.Comparison.EQUAL);
  }

  @Test
  void startThatIsCutShortReadsNoHeaderTwice() throws Exception {
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(faulty.calls() + segments / 2, FaultyBucket.Fault.BEFORE);
    assertThatThrownBy(() -> start(faulty, "second")).isInstanceOf(UnavailableException.class);
    int first = told.fetched.size();
    assertThat(first).isGreaterThan(5);
    // Calls that were on their way when it failed are those of the first start.
    world.threads.await("read");
    long calls = faulty.calls();
    start(faulty, "second").close();
    assertThat(told.fetched.get(first)).as("goes on behind those").isGreaterThanOrEqualTo(first);
    assertThat(faulty.calls() - calls)
        .as("each header that was left, and the calls of any start")
        .isLessThan(segments - first + 30);
  }

  /// As where its disk has no room for them, or names were chosen that are sorted badly.
  @Test
  void whoCannotHaveFilesToSortReplaysInOrder() throws Exception {
    Files.createDirectories(folder.resolve("second").resolve("rebuild").resolve("headers"));
    try (Service service = start("second")) {
      history.on(service.shard());
      history.check();
    }
    assertThat(told.inOrder).singleElement().asString().contains("headers cannot be used");
    assertThat(told.replayed).isGreaterThan(segments / 2);
  }

  @Test
  void diskWithRoomForOneIndexIsEnough() throws Exception {
    Path first = folder.resolve("first");
    startOnANarrowDisk(first, path -> new FullDisk(RocksIndex.open(path)));
    assertThat(told.inOrder).singleElement().asString().contains("no room");
    assertThat(first.resolve("index.rebuilt")).doesNotExist();
    assertThat(first.resolve("rebuild")).doesNotExist();
  }

  @Test
  void diskOnWhichNoSecondIndexCanBeginIsEnough() throws Exception {
    startOnANarrowDisk(
        folder.resolve("first"),
        _ -> {
          throw new UnavailableException("no room to begin", 0);
        });
    assertThat(told.inOrder).containsExactly("no room to begin");
  }

  /// A start whose index is thrown away, and beside which this is what a second one comes to.
  private void startOnANarrowDisk(Path state, Index.Opening second) throws Exception {
    harm(state);
    Index.Opening indexes =
        path -> path.endsWith("index") ? RocksIndex.open(path) : second.open(path);
    try (Service service =
        Service.own(world.terms(bucket, SEGMENT_LENGTH, indexes), state, told, _ -> {})) {
      history.on(service.shard());
      history.check();
    }
  }

  @Test
  void indexThatIsThrownAwayStaysUntilAnotherTakesItsPlace() throws Exception {
    Path first = folder.resolve("first");
    harm(first);
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(faulty.calls() + segments, FaultyBucket.Fault.BEFORE);
    assertThatThrownBy(() -> start(faulty, "first")).isInstanceOf(UnavailableException.class);
    assertThat(told.fetched).as("it was sorting").isNotEmpty();
    assertThat(first.resolve("index")).isNotEmptyDirectory();
    try (Service service = start("first")) {
      history.on(service.shard());
      history.check();
    }
  }

  @Test
  void whatIsDamagedIsToldAsByAReplayInOrder() throws Exception {
    SegmentId damaged = World.counted(bucket).get(segments / 2);
    bucket.delete(damaged.key());
    assertThatThrownBy(() -> start("second"))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(damaged.key());
    assertThat(told.inOrder).hasSize(1);
  }

  @Test
  void waitsForTheBucketAreCounted() throws Exception {
    GatedBucket slow = new GatedBucket(bucket);
    slow.afterGet = () -> world.clock.pass(10);
    List<Long> waited = new ArrayList<>();
    Rebuild.Progress progress =
        new Rebuild.Progress() {
          @Override
          public void at(Rebuild.Phase phase, long done, long all, long records) {}

          @Override
          public void waited(long nanos) {
            waited.add(nanos);
          }

          @Override
          public void inOrder(String why) {}
        };
    new Rebuild(world.terms(slow), folder.resolve("second"), progress).run(Rebuild.How.REPLACE);
    assertThat(waited).hasSize(segments).isSorted();
    assertThat(waited.getLast()).isBetween(10_000_000L, segments * 10_000_000L);
  }

  @Test
  void shortLogIsReplayedInOrder() throws Exception {
    Service.Terms terms = world.terms(bucket, SEGMENT_LENGTH);
    assertThat(terms.sorting()).isNotEqualTo(Sorting.NEVER);
    MemoryBucket small = new MemoryBucket();
    Service.own(world.terms(small, SEGMENT_LENGTH), folder.resolve("a"), told, _ -> {}).close();
    Service.own(world.terms(small, SEGMENT_LENGTH), folder.resolve("b"), told, _ -> {}).close();
    assertThat(told.fetched).isEmpty();
  }

  /// As a crash that has left the index with a row of which it does not know.
  private static void harm(Path state) throws Exception {
    Files.delete(state.resolve("clean"));
    try (Index index = RocksIndex.open(state.resolve("index"))) {
      Batch batch = new Batch();
      batch.put(new byte[] {'a', 1}, new byte[] {2});
      index.write(batch);
      index.flush();
    }
  }

  private Service start(String state) throws Exception {
    return Service.own(world.terms(bucket, SEGMENT_LENGTH), folder.resolve(state), told, _ -> {});
  }

  private Service start(FaultyBucket from, String state) throws Exception {
    return Service.own(world.terms(from, SEGMENT_LENGTH), folder.resolve(state), told, _ -> {});
  }

  private static final class Told implements ShardStart.Listener {
    final List<Integer> fetched = new ArrayList<>();
    final List<String> inOrder = new ArrayList<>();
    long replayed;

    @Override
    public void proven(StateDigest digest) {}

    @Override
    public void discarded(String reason) {}

    @Override
    public void fetched(long segmentsDone, long segmentsAll) {
      fetched.add((int) segmentsDone);
    }

    @Override
    public void inOrder(String why) {
      inOrder.add(why);
    }

    @Override
    public void replaying(int segments) {
      replayed = 0;
    }

    @Override
    public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {
      replayed = segmentsDone;
    }
  }
}
