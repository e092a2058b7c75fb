package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.image.ImageAge;
import org.holdfast.server.image.ImageBytes;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageFolder;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.index.ForwardingIndex;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundTimer;
import org.holdfast.server.shard.ShardStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images that a running server makes.
@Timeout(300)
final class ImageMakerTest {
  private static final int SEGMENT_LENGTH = 6000;
  private static final long DAY_MILLIS = 86_400_000;
  private static final long LONG_AGO = 1L << 40;

  @TempDir Path folder;

  private final World world = new World();

  /// In which days pass only when a test says so: a history makes them pass as it likes.
  private final World calm = new World();

  private final ImageBucket bucket = new ImageBucket();
  private final History history = new History(5, world.clock);
  private Service service;
  private ImageMaker maker;

  @BeforeEach
  void start() throws Exception {
    service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH);
    maker = maker(service, bucket);
    history.on(service.shard());
    run(120);
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private ImageMaker maker(Service of, Bucket over) {
    return of.images(calm.terms(over, SEGMENT_LENGTH), DAY_MILLIS).orElseThrow();
  }

  private void run(int steps) throws Exception {
    history.run(steps);
    service.shard().awaitDurable();
  }

  private List<ImageList> lists() throws HoldfastException {
    List<ImageList> lists = new ArrayList<>();
    for (String key : ImageBucket.lists(bucket)) {
      lists.add(ImageBytes.decode(ImageBucket.bytes(bucket, key), World.KEY));
    }
    return lists;
  }

  private static Set<String> pieces(ImageList list) {
    Set<String> keys = new TreeSet<>();
    for (ImageFile file : list.files()) {
      for (Bytes piece : file.pieces()) {
        keys.add("i/00000000/f/" + HexFormat.of().formatHex(piece.toArray()));
      }
    }
    return keys;
  }

  @Test
  void anImageIsOfAPositionThatIsDurableAndLeavesNothingBehindOnTheDisk() throws Exception {
    assertThat(maker.age()).isEmpty();
    maker.round();
    ImageList made = lists().getFirst();
    assertThat(maker.age())
        .contains(new ImageAge(0, made.bytes(), made.position().nextRecord() - 1));
    assertThat(made.segment().compareTo(World.counted(bucket).getLast())).isLessThanOrEqualTo(0);
    assertThat(made.position().digest()).isEqualTo(World.digest(service));
    assertThat(made.madeMillis()).isEqualTo(TestClock.START);
    assertThat(made.files()).extracting(ImageFile::name).contains("CURRENT");
    assertThat(ImageBucket.pieces(bucket)).containsExactlyElementsOf(pieces(made));
    assertThat(folder.resolve("first").resolve("image")).doesNotExist();
    assertThat(service.shard().memory().heldBytes()).isZero();
    assertThat(service.shard().pacer().progress(BackgroundJob.IMAGE).ends()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("first").resolve("timeline")))
        .contains(" image: 0 MiB, up to record " + (made.position().nextRecord() - 1));
  }

  @Test
  void aSecondImageSendsOnlyNewFiles() throws Exception {
    maker.round();
    ImageList first = lists().getFirst();
    bucket.puts.clear();
    run(20);
    maker.round();
    assertThat(lists()).hasSize(2);
    Set<String> both = pieces(lists().getLast());
    both.retainAll(pieces(first));
    assertThat(both).as("its first table is still one").isNotEmpty();
    assertThat(bucket.puts).doesNotContainAnyElementsOf(both).isNotEmpty();
  }

  /// By a new process, which has no memory of what it has sent.
  @Test
  void whatIsInTheBucketIsNotSentAgainAfterARestart() throws Exception {
    maker.round();
    ImageList first = lists().getFirst();
    run(20);
    service.close();
    service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH);
    bucket.puts.clear();
    maker = maker(service, bucket);
    maker.round();
    Set<String> both = pieces(lists().getLast());
    both.retainAll(pieces(first));
    assertThat(both).isNotEmpty();
    assertThat(bucket.puts).doesNotContainAnyElementsOf(both);
  }

  @Test
  void theLastTwoImagesStayWithAllTheirFilesAndNothingElseDoes() throws Exception {
    String strange = "i/00000000/f/strange";
    ImageBucket.replace(bucket, strange, new byte[9]);
    String forged = "i/00000000/l/7fffffff-0000000000000001";
    ImageBucket.replace(bucket, forged, new byte[200]);
    Set<String> ever = new TreeSet<>();
    for (int i = 0; i < 6; i++) {
      run(15);
      maker.round();
      ever.addAll(ImageBucket.pieces(bucket));
      Set<String> named = new TreeSet<>();
      lists().forEach(list -> named.addAll(pieces(list)));
      assertThat(lists()).hasSize(Math.min(i + 1, 2));
      assertThat(ImageBucket.pieces(bucket)).containsExactlyElementsOf(named);
    }
    assertThat(ever).hasSizeGreaterThan(ImageBucket.pieces(bucket).size());
    assertThat(bucket.deletes).contains(strange, forged);
  }

  @Test
  void anImageIsDueWhenTheLogIsLongAndHasGrown() throws Exception {
    assertThat(maker.isDue(0)).as("right after a start").isFalse();
    assertThat(maker.isDue(LONG_AGO)).isTrue();
    maker.round();
    assertThat(maker.isDue(LONG_AGO)).isFalse();
    calm.clock.pass(DAY_MILLIS);
    assertThat(maker.isDue(LONG_AGO)).as("it has not grown").isFalse();
    run(10);
    assertThat(maker.isDue(LONG_AGO)).isTrue();
    maker.round();
    run(200);
    assertThat(maker.isDue(LONG_AGO)).as("it has grown much").isTrue();
  }

  @Test
  void aNewProcessKnowsTheNewestImage() throws Exception {
    maker.round();
    service.close();
    service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH);
    assertThat(maker(service, bucket).isDue()).isFalse();
  }

  @Test
  void aShortLogGetsNoImage() throws Exception {
    MemoryBucket small = new MemoryBucket();
    try (Service young = world.own(small, folder.resolve("young"), SEGMENT_LENGTH)) {
      young.shard().awaitDurable();
      assertThat(maker(young, small).isDue(LONG_AGO)).isFalse();
      assertThat(maker(young, small).held()).isEmpty();
    }
  }

  @Test
  void whoTrustsItsIndexMakesNoImageOfIt() throws Exception {
    service.close();
    Files.delete(folder.resolve("first").resolve("clean"));
    service =
        Service.start(
            world.terms(bucket, SEGMENT_LENGTH),
            folder.resolve("first"),
            AfterCrash.SERVE,
            world,
            world.stopped::add);
    assertThat(service.images(world.terms(bucket, SEGMENT_LENGTH), DAY_MILLIS)).isEmpty();
    assertThat(service.images(world.terms(bucket, SEGMENT_LENGTH), 0)).isEmpty();
  }

  @Test
  void nothingBehindTheNewestImageIsCleaned() throws Exception {
    maker.round();
    SegmentId image = lists().getLast().segment();
    run(100);
    world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
    service.shard().freeing().round();
    run(30);
    SegmentId behind =
        World.counted(bucket).stream().filter(id -> id.compareTo(image) > 0).findFirst().get();
    assertThat(service.shard().cleaner().orElseThrow().clean(behind)).isFalse();
    cleanAll();
    assertThat(service.shard().cleaner().orElseThrow().progress().cleanedSegments()).isPositive();
    assertThat(isThere(behind)).isTrue();
    service.shard().pacer().hold(BackgroundJob.IMAGE);
    assertThat(maker.held()).as("images are off").isEmpty();
    service.shard().pacer().resume(BackgroundJob.IMAGE);
    assertThat(maker.held()).contains(image);
    calm.clock.pass(8 * DAY_MILLIS);
    assertThat(maker.held()).contains(image);
    calm.clock.pass(1);
    assertThat(maker.held()).as("it is too old").isEmpty();
    assertThat(service.shard().cleaner().orElseThrow().clean(behind)).isTrue();
    assertThat(isThere(behind)).isFalse();
    history.check();
  }

  private boolean isThere(SegmentId id) {
    return bucket.get(id.key(), 0, 0).isPresent();
  }

  private void cleanAll() throws HoldfastException {
    while (service.shard().cleaner().orElseThrow().round()) {
      // One more.
    }
  }

  /// A round fails at each of its calls in turn; the next one comes to its end.
  @Test
  void whereverARoundFailsTheNextOneMakesTheImage() throws Exception {
    service.close();
    boolean isOver = false;
    for (int call = 1; !isOver; call++) {
      FaultyBucket faulty = new FaultyBucket(bucket);
      service = world.own(faulty, folder.resolve("first"), SEGMENT_LENGTH);
      history.on(service.shard());
      run(3);
      maker = maker(service, faulty);
      faulty.fail(faulty.calls() + call, call % 2 == 0 ? Fault.BEFORE : Fault.AFTER);
      long before = faulty.calls();
      try {
        maker.round();
        isOver = faulty.calls() - before < call;
      } catch (UnavailableException e) {
        assertThat(folder.resolve("first").resolve("image")).doesNotExist();
      }
      assertThat(service.shard().memory().heldBytes()).isZero();
      if (!isOver) {
        maker.round();
      }
      assertThat(maker.isDue()).isFalse();
      service.close();
      assertNewestIsTaken();
      for (ImageList list : lists()) {
        assertThat(ImageBucket.pieces(bucket)).containsAll(pieces(list));
      }
    }
    service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH);
  }

  /// Its process dies at each call of a round in turn; a start without its disk is right, and goes
  /// on making images.
  @Test
  void whereverAServerDiesTheNextOneStartsAndMakesTheImage() throws Exception {
    maker.round();
    service.close();
    StateDigest live;
    boolean isOver = false;
    for (int call = 1; !isOver; call++) {
      FaultyBucket faulty = new FaultyBucket(bucket);
      Path state = folder.resolve("dies" + call);
      Service dying = world.own(faulty, state, SEGMENT_LENGTH);
      history.on(dying.shard());
      history.run(3);
      dying.shard().awaitDurable();
      live = World.digest(dying);
      ImageMaker makes = maker(dying, faulty);
      long before = faulty.calls();
      faulty.fail(before + call, call % 2 == 0 ? Fault.DEATH_BEFORE : Fault.DEATH_AFTER);
      try {
        makes.round();
      } catch (HoldfastException e) {
        assertThat(e).hasMessageContaining("fault at call");
      }
      isOver = faulty.calls() - before < call;
      dying.shard().stop();
      service = world.own(bucket, folder.resolve("next" + call), SEGMENT_LENGTH);
      assertThat(World.digest(service)).isEqualTo(live);
      history.on(service.shard());
      history.check();
      maker = maker(service, bucket);
      maker.round();
      service.close();
      assertNewestIsTaken();
    }
    service = world.own(bucket, folder.resolve("last"), SEGMENT_LENGTH);
  }

  private int starts;

  private void assertNewestIsTaken() throws Exception {
    ToldStart told = new ToldStart();
    Path state = folder.resolve("taken" + starts++);
    Service.readOnly(world.terms(bucket, SEGMENT_LENGTH), state, told).close();
    assertThat(told.left).isEmpty();
    assertThat(told.taken).containsExactly(ImageBucket.lists(bucket).getLast());
    StateDigest byHeaders = World.replay(bucket, new MemoryIndex());
    try (Service read =
        Service.readOnly(world.terms(bucket, SEGMENT_LENGTH), state, ShardStart.Listener.NONE)) {
      assertThat(World.digest(read)).isEqualTo(byHeaders);
    }
  }

  @Test
  void anOwnerThatWasReplacedMakesNoImageAndDeletesNothing() throws Exception {
    maker.round();
    try (Service next = world.own(bucket, folder.resolve("next"), SEGMENT_LENGTH)) {
      history.on(next.shard());
      history.run(20);
      next.shard().awaitDurable();
      ImageMaker its = maker(next, bucket);
      its.round();
      List<String> before = ImageBucket.keys(bucket, "i/");
      assertThatThrownBy(maker::round).isInstanceOf(UnavailableException.class);
      assertThat(ImageBucket.keys(bucket, "i/")).isEqualTo(before);
    }
    assertNewestIsTaken();
  }

  /// It looks whether the log is its own, and then it is not any more.
  @Test
  void anOwnerThatIsReplacedWhileItMakesAnImageHarmsNobody() throws Exception {
    run(10);
    List<Service> next = new ArrayList<>();
    bucket.beforePut =
        key -> {
          if (key.contains("/l/") && next.isEmpty()) {
            bucket.beforePut = _ -> {};
            Service other = world.own(bucket, folder.resolve("next"), SEGMENT_LENGTH);
            next.add(other);
            history.on(other.shard());
            history.run(30);
            other.shard().awaitDurable();
            maker(other, bucket).round();
          }
        };
    assertThatThrownBy(maker::round)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("not written here");
    assertThat(lists()).hasSize(2);
    history.check();
    next.getFirst().close();
    assertNewestIsTaken();
  }

  @Test
  void anIndexThatIsTooLongForTheMemoryOfAnImageIsRefused() throws Exception {
    long piece = ImageFile.PIECE_LENGTH;
    assertThat(ImageMaker.memoryBytes(List.of(new ImageFolder.Local("000001.sst", 1, ""))))
        .isLessThan(12 << 20);
    ImageMaker.memoryBytes(List.of(new ImageFolder.Local("000001.sst", 29_000 * piece, "")));
    assertThatThrownBy(() ->
            ImageMaker.memoryBytes(
                List.of(new ImageFolder.Local("000001.sst", 31_000 * piece, ""))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("`image-days = 0`");
  }

  @Test
  void aDiskThatIsFullWhileAnImageIsMadeStopsNothing() throws Exception {
    service.close();
    Index.Opening indexes =
        path ->
            new ForwardingIndex(RocksIndex.open(path)) {
              @Override
              public boolean linkTo(Path to) {
                throw new IndexException("linked", new IOException("no room"));
              }
            };
    Service.Terms terms = world.terms(bucket, SEGMENT_LENGTH, indexes);
    service = Service.own(terms, folder.resolve("first"), world, world.stopped::add);
    maker = maker(service, bucket);
    BackgroundTimer timer =
        BackgroundTimer.start(
            BackgroundJob.IMAGE,
            maker,
            service.shard().pacer(),
            calm.clock,
            Spawner.virtual(),
            service.shard()::reportDefect);
    try {
      while (service.shard().pacer().progress(BackgroundJob.IMAGE).failures() < 2) {
        Thread.onSpinWait();
      }
    } finally {
      timer.stop();
    }
    history.on(service.shard());
    run(5);
    assertThat(world.stopped).isEmpty();
    assertThat(ImageBucket.keys(bucket, "i/")).isEmpty();
  }

  @Test
  void imagesThatAreSwitchedOffAreNotMade() throws Exception {
    service.shard().pacer().hold(BackgroundJob.IMAGE);
    assertThatThrownBy(maker::round).hasMessageContaining("switched off");
    assertThat(ImageBucket.keys(bucket, "i/")).isEmpty();
    assertThat(folder.resolve("first").resolve("image")).doesNotExist();
  }
}
