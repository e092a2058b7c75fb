package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.recovery.SortedReplay;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortedRebuildTest {
  private static final int SEGMENT_LENGTH = 6000;

  /// Few enough that blocks of one machine and class come into several files.
  private static final int FILE_RECORDS = 15;

  private static final int CUTS = 100;

  @TempDir Path folder;

  private final World world = new World();

  @Test
  void sortedAndInOrderGiveTheSameRows() throws Exception {
    int sorted = 0;
    for (int seed = 0; seed < 8; seed++) {
      Graveyard bucket = new Graveyard();
      Random random = new Random(seed);
      History history = new History(seed, world.clock);
      for (int life = 0; life < 3; life++) {
        try (Service service = world.own(bucket, folder.resolve("s" + seed), SEGMENT_LENGTH)) {
          history.on(service.shard());
          history.run(150);
          clean(service, bucket, random);
        }
        sorted += same(bucket, seed) ? 1 : 0;
        dieCleaning(bucket, folder.resolve("s" + seed), random);
        sorted += same(bucket, seed) ? 1 : 0;
        bucket.bringBack(random);
        sorted += same(bucket, seed) ? 1 : 0;
      }
    }
    assertThat(sorted).as("made by sorting").isGreaterThan(60);
  }

  @Test
  void rebuildThatIsCutShortAnywhereGoesOnWhereItWas() throws Exception {
    Bucket bucket = new MemoryBucket();
    Path state = folder.resolve("state");
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      History history = new History(7, world.clock);
      history.on(service.shard());
      history.run(100);
      clean(service, bucket, new Random(7));
    }
    SortedMap<Bytes, Bytes> expected = rows(bucket, new MemoryIndex());
    Path rebuilt = folder.resolve("rebuilt");
    Dying never = new Dying(Integer.MAX_VALUE);
    rebuild(bucket, rebuilt, false, never);
    for (int cut = 0; cut < CUTS; cut++) {
      Random random = new Random(cut);
      Dying first = new Dying(1 + never.calls * cut / CUTS);
      assertThat(first.dies(() -> rebuild(bucket, rebuilt, false, first))).isTrue();
      tear(rebuilt.resolve("rebuild").resolve("headers"), random);
      Dying second = new Dying(1 + random.nextLong(2 * never.calls));
      boolean isCutAgain = second.dies(() -> rebuild(bucket, rebuilt, true, second));
      if (isCutAgain) {
        rebuild(bucket, rebuilt, true, new Dying(Integer.MAX_VALUE));
      }
      // One header was torn; all others are there.
      assertThat(second.firstFetched).isGreaterThanOrEqualTo(first.lastFetched);
      try (Index index = RocksIndex.open(rebuilt.resolve("index"))) {
        assertThat(rows(index)).isEqualTo(expected);
      }
    }
  }

  @Test
  void theTimelineSaysWhereARebuildWasCutShortAndHowItWentOn() throws Exception {
    Bucket bucket = new MemoryBucket();
    work(bucket, 7, 100);
    Path rebuilt = folder.resolve("rebuilt");
    Dying first = new Dying(8);
    assertThat(first.dies(() -> rebuild(bucket, rebuilt, false, first))).isTrue();
    rebuild(bucket, rebuilt, true, new Dying(Integer.MAX_VALUE));
    int all = World.counted(bucket).size();
    List<String> lines =
        Files.readAllLines(rebuilt.resolve("timeline")).stream()
            .map(line -> line.substring(line.indexOf(' ') + 1))
            .toList();
    assertThat(lines)
        .startsWith(
            "rebuild: begun",
            "rebuild: reading headers begun, at 0 of " + all + " segments",
            "rebuild: CUT SHORT reading headers, at 8 of " + all + " segments: it dies",
            "rebuild: begun, goes on where one was cut short",
            "rebuild: reading headers begun, at 8 of " + all + " segments");
    assertThat(lines.get(5)).startsWith("rebuild: reading headers ended, " + all + " of " + all);
    assertThat(lines).anyMatch(line -> line.startsWith("rebuild: sorting ended, "));
    assertThat(lines).anyMatch(line -> line.startsWith("rebuild: loading ended, "));
    assertThat(lines.getLast())
        .matches(
            "rebuild: ended, \\d+ records of "
                + all
                + " segments in .* s, \\d+ a second; old index: nothing to compare, replaced");
  }

  /// A crash has left the end of the file as it likes.
  private static void tear(Path headers, Random random) throws IOException {
    try (FileChannel file = FileChannel.open(headers, StandardOpenOption.WRITE)) {
      long length = file.size();
      if (length > 0 && random.nextBoolean()) {
        file.truncate(length - 1 - random.nextInt(50));
      } else if (length > 0) {
        file.write(ByteBuffer.wrap(new byte[20]), length - 20);
      }
    }
  }

  /// Whoever chooses names does not choose how much memory a rebuild takes.
  @Test
  void namesThatBeginAlikeAreReplayedInOrder() throws Exception {
    Bucket bucket = new MemoryBucket();
    try (Service service = world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH)) {
      History history = new History(7, world.clock);
      history.on(service.shard());
      history.run(50);
      history.keepAlike(1500);
    }
    // Another start says what the state is; up to there it is made by sorting.
    world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH).close();
    Path rebuilt = folder.resolve("rebuilt");
    List<String> inOrder = new ArrayList<>();
    rebuild(
        bucket,
        rebuilt,
        false,
        new Rebuild.Progress() {
          @Override
          public void at(Rebuild.Phase phase, long done, long all, long records) {}

          @Override
          public void inOrder(String why) {
            inOrder.add(why);
          }
        });
    assertThat(inOrder).containsExactly("many blocks have names that begin alike");
    try (Index index = RocksIndex.open(rebuilt.resolve("index"))) {
      assertThat(rows(index)).isEqualTo(rows(bucket, new MemoryIndex()));
    }
  }

  /// How many blocks there are is told by some headers first; here none of them is among these.
  @Test
  void blocksOfWhichTheFirstHeadersTellNothingAreSortedAllTheSame() throws Exception {
    Bucket bucket = new MemoryBucket();
    try (Service service = world.own(bucket, folder.resolve("state"), 200_000)) {
      History history = new History(7, world.clock);
      history.on(service.shard());
      for (int i = 0; i < 100; i++) {
        history.run(1);
        service.shard().awaitDurable();
      }
      history.keepMany(2000);
      for (int i = 0; i < 100; i++) {
        history.run(1);
        service.shard().awaitDurable();
      }
    }
    world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH).close();
    assertThat(same(bucket, 7)).as("made by sorting").isTrue();
  }

  /// What is behind it was worked on by then. One that is resumed has read it before.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void segmentThatAStoreShowsLateComesInItsPlace(boolean resume) throws Exception {
    Graveyard bucket = new Graveyard();
    work(bucket, 7, 100);
    List<SegmentId> all = World.counted(bucket);
    SortedMap<Bytes, Bytes> expected = rows(bucket, new MemoryIndex());
    if (resume) {
      assertThat(sort(bucket, new MemoryIndex())).isPresent();
    }
    String late = all.get(all.size() / 2).key();
    bucket.delete(late);
    TestClock time = new TestClock();
    Clock whoWaitsIsShownIt =
        new Clock() {
          @Override
          public long wallMillis() {
            return time.wallMillis();
          }

          @Override
          public long nanos() {
            return time.nanos();
          }

          @Override
          public void sleepMillis(long millis) throws InterruptedException {
            time.sleepMillis(millis);
            try {
              bucket.bringBack(late);
            } catch (HoldfastException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    LogReader reader =
        new LogReader(
            bucket, World.KEY, World.SERVICE, Spawner.virtual(), whoWaitsIsShownIt, 60_000);
    MemoryIndex index = new MemoryIndex();
    assertThat(sort(reader, index, resume)).isPresent();
    assertThat(rows(index)).isEqualTo(expected);
  }

  @Test
  void diskThatIsFullSaysHowToGoOn() throws Exception {
    Bucket bucket = new MemoryBucket();
    work(bucket, 7, 100);
    Path rebuilt = folder.resolve("rebuilt");
    Service.Terms full = world.terms(bucket, SEGMENT_LENGTH, _ -> new FullDisk(new MemoryIndex()));
    assertThatThrownBy(
            () -> new Rebuild(full, rebuilt, Rebuild.Progress.NONE).run(Rebuild.How.REPLACE))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContainingAll(rebuilt.toString(), "no room", "the same command with `--resume`");
    Path left = rebuilt.resolve("rebuild").resolve("headers");
    assertThat(left).isNotEmptyFile();
    Dying second = new Dying(Integer.MAX_VALUE);
    rebuild(bucket, rebuilt, true, second);
    assertThat(second.firstFetched).as("no header is read again").isEqualTo(Long.MAX_VALUE);

    Files.createDirectories(left.getParent());
    Files.writeString(left, "takes room");
    assertThatThrownBy(() ->
            new Rebuild(full, rebuilt, Rebuild.Progress.NONE)
                .run(Rebuild.How.of(false, false, true)))
        .isInstanceOf(UnavailableException.class)
        .hasMessageEndingWith("make room, then start again");
    assertThat(left).doesNotExist();
  }

  @Test
  void sortedRowsComeIntoAnIndexOnTheDisk() throws Exception {
    Bucket bucket = new MemoryBucket();
    work(bucket, 3, 300);
    Path rocks = folder.resolve("rocks");
    try (Index index = RocksIndex.open(rocks)) {
      assertThat(sort(bucket, index)).isPresent();
      index.flush();
    }
    try (Index index = RocksIndex.open(rocks)) {
      assertThat(rows(index)).isEqualTo(rows(bucket, new MemoryIndex()));
      assertThat(ShardState.scan(index, Spawner.virtual()))
          .isEqualTo(ShardState.position(index).rows());
    }
  }

  private void work(Bucket bucket, long seed, int steps) throws Exception {
    try (Service service = world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH)) {
      History history = new History(seed, world.clock);
      history.on(service.shard());
      history.run(steps);
    }
  }

  /// Whether it was made by sorting.
  private boolean same(Bucket bucket, int seed) throws HoldfastException {
    MemoryIndex index = new MemoryIndex();
    Optional<String> made = sort(bucket, index);
    if (made.isPresent()) {
      assertThat(rows(index)).as("seed " + seed).isEqualTo(rows(bucket, new MemoryIndex()));
    }
    return made.isPresent();
  }

  private Optional<String> sort(Bucket bucket, Index index) throws HoldfastException {
    return sort(World.reader(bucket), index, false);
  }

  private Optional<String> sort(LogReader reader, Index index, boolean resume)
      throws HoldfastException {
    SortedReplay replay =
        new SortedReplay(
            0, reader, Spawner.virtual(), folder.resolve("scratch"), FILE_RECORDS, new Quiet());
    return switch (replay.run(index, Optional.empty(), resume)) {
      case SortedReplay.Made.Done _ -> Optional.of("made");
      case SortedReplay.Made.Not _ -> Optional.empty();
    };
  }

  private void rebuild(Bucket bucket, Path state, boolean resume, Rebuild.Progress progress)
      throws HoldfastException {
    Rebuild.How how = new Rebuild.How(false, resume, false, FILE_RECORDS, Set.of());
    Timeline timeline = Timeline.in(state, world.clock, "rebuild");
    new Rebuild(world.terms(bucket, SEGMENT_LENGTH), state, progress, timeline).run(how);
  }

  /// Leaves segments behind whose copies were moved in part.
  private void dieCleaning(Bucket bucket, Path state, Random random) throws Exception {
    FaultyBucket faulty = new FaultyBucket(bucket);
    try (Service service = world.own(faulty, state, SEGMENT_LENGTH)) {
      service.shard().awaitDurable();
      faulty.fail(faulty.calls() + 2 + random.nextInt(60), Fault.DEATH_BEFORE);
      clean(service, bucket, random);
    } catch (HoldfastException e) {
      // It died.
    }
    Files.deleteIfExists(state.resolve("clean"));
  }

  private static void clean(Service service, Bucket bucket, Random random)
      throws HoldfastException {
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    List<SegmentId> segments = new ArrayList<>(World.counted(bucket));
    Collections.shuffle(segments, random);
    for (SegmentId each : segments.subList(0, segments.size() / 2)) {
      cleaner.clean(each);
    }
  }

  private static SortedMap<Bytes, Bytes> rows(Bucket bucket, Index index) throws HoldfastException {
    World.replay(bucket, index);
    return rows(index);
  }

  private static SortedMap<Bytes, Bytes> rows(Index index) {
    SortedMap<Bytes, Bytes> rows = new TreeMap<>();
    index.scan(new byte[0], (key, value) -> rows.put(Bytes.wrap(key), Bytes.wrap(value)));
    return rows;
  }

  /// Ends the rebuild at some moment.
  private static final class Dying implements Rebuild.Progress {
    private final long moment;
    private long calls;
    private long firstFetched = Long.MAX_VALUE;
    private long lastFetched;

    Dying(long moment) {
      this.moment = moment;
    }

    boolean dies(Run run) throws HoldfastException {
      try {
        run.run();
        return false;
      } catch (Death e) {
        return true;
      }
    }

    @Override
    public void at(Rebuild.Phase phase, long done, long all, long records) {
      if (phase == Rebuild.Phase.FETCHING) {
        firstFetched = Math.min(firstFetched, done);
        lastFetched = done;
      }
      if (++calls >= moment) {
        throw new Death();
      }
    }

    @Override
    public void inOrder(String why) {
      throw new AssertionError(why);
    }
  }

  private static final class Death extends RuntimeException {
    private static final long serialVersionUID = 1;

    Death() {
      super("it dies");
    }
  }

  private interface Run {
    void run() throws HoldfastException;
  }

  private static final class Quiet implements SortedReplay.Listener {
    @Override
    public void fetched(long segmentsDone, long segmentsAll, long waitedNanos) {}

    @Override
    public void applied(long segmentsDone, long segmentsAll, long recordsDone) {}

    @Override
    public void loaded(int filesDone, int filesAll) {}

    @Override
    public void replayed(ShardState state) {}
  }
}
