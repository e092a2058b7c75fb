package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.image.ImageBytes;
import org.holdfast.server.image.ImageFetch;
import org.holdfast.server.image.ImageFile;
import org.holdfast.server.image.ImageFolder;
import org.holdfast.server.image.ImageList;
import org.holdfast.server.image.ImageStore;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.Check;
import org.holdfast.server.state.Fingerprint;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A start whose disk is lost, and whose bucket has images: whole ones, and all others.
@Timeout(300)
final class ImageStartTest {
  private static final int SEGMENT_LENGTH = 6000;
  private static final long DAY_MILLIS = 86_400_000;

  @TempDir Path folder;

  private final World world = new World();

  /// In which no day passes, whatever a history does.
  private final World calm = new World();

  private final ImageBucket bucket = new ImageBucket();
  private History history;
  private int starts;

  /// Two images, with a log before, between and behind them.
  private void makeTwo(int seed) throws Exception {
    history = new History(seed, world.clock);
    try (Service service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH)) {
      ImageMaker maker =
          service.images(calm.terms(bucket, SEGMENT_LENGTH), DAY_MILLIS).orElseThrow();
      history.on(service.shard());
      history.run(120);
      service.shard().awaitDurable();
      maker.round();
      // So that both can be used.
      SegmentId older = image(lists().getLast()).segment();
      service.shard().cleaner().orElseThrow().holdBehind(() -> Optional.of(older));
      history.run(60);
      service.shard().awaitDurable();
      maker.round();
      history.run(40);
      history.check();
    }
    assertThat(lists()).hasSize(2);
  }

  private ImageList image(String key) throws HoldfastException {
    return ImageBytes.decode(ImageBucket.bytes(bucket, key), World.KEY);
  }

  private Service.Terms terms(Bucket from) {
    return world.terms(from, SEGMENT_LENGTH);
  }

  private List<String> lists() throws HoldfastException {
    return ImageBucket.lists(bucket);
  }

  /// What an index holds that a start makes which takes nothing over.
  private Map<String, String> rows(Bucket from, ToldStart told) throws Exception {
    Path state = folder.resolve("start" + starts++);
    Service.readOnly(terms(from), state, told).close();
    assertThat(state.resolve("index.rebuilt")).doesNotExist();
    assertThat(state.resolve("rebuild")).doesNotExist();
    return rows(state);
  }

  private static Map<String, String> rows(Path state) throws HoldfastException {
    Map<String, String> rows = new TreeMap<>();
    try (Index index = RocksIndex.open(state.resolve("index"))) {
      HexFormat hex = HexFormat.of();
      index.scan(new byte[0], (key, value) -> rows.put(hex.formatHex(key), hex.formatHex(value)));
    }
    return rows;
  }

  /// As a start makes them whose bucket has no image.
  private Map<String, String> rowsByHeaders() throws Exception {
    ToldStart told = new ToldStart();
    Map<String, String> rows = rows(ImageBucket.copy(bucket, "log/"), told);
    assertThat(told.taken).isEmpty();
    assertThat(told.fromHeaders).containsExactly("there is no image");
    return rows;
  }

  @Test
  void anImageAndTheLogBehindItGiveTheRowsThatHeadersGive() throws Exception {
    long cleaned = 0;
    int moves = 0;
    for (int seed = 0; seed < 4; seed++) {
      while (!bucket.list("", "", 1).objects().isEmpty()) {
        bucket.list("", "", 1000).objects().forEach(each -> bucket.inner.delete(each.key()));
      }
      History lived = new History(seed, world.clock);
      try (Service service = world.own(bucket, folder.resolve("lived" + seed), SEGMENT_LENGTH)) {
        ImageMaker maker =
            service.images(calm.terms(bucket, SEGMENT_LENGTH), DAY_MILLIS).orElseThrow();
        lived.on(service.shard());
        for (int i = 0; i < 4; i++) {
          lived.run(70);
          world.clock.sleepMillis(Service.Terms.GRACE_MILLIS);
          service.shard().freeing().round();
          service.shard().awaitDurable();
          maker.round();
          // What is freed now lies before the image, and is cleaned there, or behind it.
          lived.run(60);
          world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
          service.shard().freeing().round();
          while (service.shard().cleaner().orElseThrow().round()) {
            // One more.
          }
        }
        lived.check();
        cleaned += service.shard().cleaner().orElseThrow().progress().cleanedSegments();
        moves += lived.moves();
      }
      Map<String, String> expected = rowsByHeaders();
      ToldStart told = new ToldStart();
      assertThat(rows(bucket, told)).as("seed %d, %s", seed, told).isEqualTo(expected);
      assertThat(told.taken).containsExactly(lists().getLast());
      assertThat(told.left).isEmpty();
      try (Service service = own(bucket, "again" + seed, told)) {
        lived.on(service.shard());
        lived.check();
        lived.run(20);
        lived.check();
      }
      assertThat(
              new Rebuild(terms(bucket), folder.resolve("again" + seed), Rebuild.Progress.NONE)
                  .run(Rebuild.How.of(true, false, true))
                  .comparison())
          .isEqualTo(Rebuild.Comparison.EQUAL);
    }
    assertThat(cleaned).isGreaterThan(50);
    assertThat(moves).isPositive();
  }

  private Service own(Bucket from, String state, ToldStart told) throws Exception {
    return Service.own(terms(from), folder.resolve(state), told, _ -> {});
  }

  @Test
  void theHeadersBeforeAnImageAreNotRead() throws Exception {
    makeTwo(3);
    MemoryBucket cut = ImageBucket.copy(bucket, "");
    SegmentId image = image(lists().getLast()).segment();
    Map<String, String> expected = rowsByHeaders();
    int harmed = 0;
    for (SegmentId each : World.counted(bucket)) {
      // The last ones of an epoch are read to find its end.
      if (each.epoch() == image.epoch() && each.number() < image.number() - 10) {
        byte[] bytes = ImageBucket.bytes(cut, each.key());
        bytes[40] ^= 1;
        ImageBucket.replace(cut, each.key(), bytes);
        harmed++;
      }
    }
    assertThat(harmed).isGreaterThan(20);
    assertThat(rows(cut, new ToldStart())).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(ImageHarm.class)
  void whateverIsWrongWithAnImageTheOlderOneIsTakenAndThenHeaders(ImageHarm harm) throws Exception {
    makeTwo(7);
    Map<String, String> expected = rowsByHeaders();
    String newest = lists().getLast();
    String older = lists().getFirst();
    harm.at(bucket, newest);
    ToldStart told = new ToldStart();
    assertThat(rows(bucket, told)).isEqualTo(expected);
    assertThat(told.taken).containsExactly(older);
    if (harm != ImageHarm.LIST_IS_GONE) {
      assertThat(told.left).singleElement().asString().startsWith(newest).contains(harm.why());
    }
    harm.at(bucket, older);
    ToldStart toldLast = new ToldStart();
    assertThat(rows(bucket, toldLast)).isEqualTo(expected);
    assertThat(toldLast.taken).isEmpty();
    assertThat(toldLast.fromHeaders).hasSize(1);
    assertThat(toldLast.left).hasSize(harm == ImageHarm.LIST_IS_GONE ? 0 : 2);
    assertThat(toldLast.fetched).isPositive();
  }

  /// As a bucket from an older copy, in which images of what it lost have stayed.
  @Test
  void anImageThatTheLogDoesNotReachSaysThatTheLogHasLostItsEnd() throws Exception {
    makeTwo(5);
    SegmentId image = image(lists().getLast()).segment();
    for (SegmentId each : World.reader(bucket).list(0).keySet()) {
      if (each.compareTo(image) >= 0) {
        bucket.delete(each.key());
      }
    }
    Map<String, String> expected = rowsByHeaders();
    assertThatThrownBy(() -> rows(bucket, new ToldStart()))
        .isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("the bucket's log ends before " + image);
    // Nor does a log go without it that is too short for an image to be worth its while, nor who
    // starts again.
    for (int start = 0; start < 2; start++) {
      assertThatThrownBy(
              () -> Service.readOnly(world.terms(bucket), folder.resolve("short"), new ToldStart()))
          .isInstanceOf(RefusedException.class)
          .hasMessageStartingWith("the bucket's log ends before " + image);
    }
    Path state = folder.resolve("rebuilt");
    assertThatThrownBy(() -> rebuild(state, Set.of()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("--override lost-end");
    assertThat(lists()).hasSize(2);

    assertThat(rebuild(state, Set.of(Check.LOST_END)).overridden()).hasSize(1);
    assertThat(lists()).hasSize(1);
    assertThat(rows(state)).isEqualTo(expected);
    ToldStart told = new ToldStart();
    assertThat(rows(bucket, told)).isEqualTo(expected);
    assertThat(told.taken).containsExactlyElementsOf(lists());
  }

  /// As a process leaves it that is killed before it has written anything.
  @Test
  void anIndexThatKnowsNothingIsAsNone() throws Exception {
    makeTwo(12);
    Path state = Files.createDirectory(folder.resolve("empty"));
    RocksIndex.open(state.resolve("index")).close();
    ToldStart told = new ToldStart();
    Service.readOnly(terms(bucket), state, told).close();
    assertThat(told.taken).containsExactly(lists().getLast());
  }

  @Test
  void aLogThatIsGoneAltogetherIsGivenUpWithItsImages() throws Exception {
    makeTwo(10);
    for (String key : ImageBucket.keys(bucket, "log/")) {
      bucket.delete(key);
    }
    Path state = folder.resolve("rebuilt");
    assertThatThrownBy(() -> rebuild(state, Set.of()))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("--override lost-end");
    assertThat(rebuild(state, Set.of(Check.LOST_END)).overridden()).hasSize(1);
    assertThat(lists()).isEmpty();
    world.own(bucket, state, SEGMENT_LENGTH).close();
  }

  @Test
  void imagesThatCannotBeListedStopNobodyWhoDoesWithoutThem() throws Exception {
    makeTwo(11);
    FaultyBucket faulty = new FaultyBucket(bucket.inner);
    faulty.fail(1, Fault.BEFORE);
    ToldStart told = new ToldStart();
    Service.readOnly(world.terms(faulty), folder.resolve("short"), told).close();
    assertThat(told.fromHeaders)
        .singleElement(STRING)
        .startsWith("images cannot be listed (fault at call 1");
  }

  private Rebuild.Report rebuild(Path state, Set<Check> overridden) throws HoldfastException {
    return new Rebuild(terms(bucket), state, Rebuild.Progress.NONE)
        .run(Rebuild.How.REPLACE.overriding(overridden));
  }

  @Test
  void anImageBehindWhichSegmentsWereCleanedIsPassedOverBeforeAnythingIsFetched() throws Exception {
    makeTwo(6);
    String newest = lists().getLast();
    SegmentId image = image(newest).segment();
    try (Service service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(80);
      service.shard().awaitDurable();
      SegmentId behind =
          World.counted(bucket).stream().filter(id -> id.compareTo(image) > 0).findFirst().get();
      assertThat(service.shard().cleaner().orElseThrow().clean(behind)).isTrue();
    }
    Map<String, String> expected = rowsByHeaders();
    ToldStart told = new ToldStart();
    assertThat(rows(bucket, told)).isEqualTo(expected);
    assertThat(told.left).hasSize(2).allMatch(why -> why.contains("segments behind it"));
    assertThat(told.imageBytes).isZero();
  }

  /// Authentic and whole, but of a state that is not the log's: the next digest tells.
  @Test
  void anImageThatTheLogContradictsIsPassedOver() throws Exception {
    makeTwo(8);
    world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH).close();
    Map<String, String> expected = rowsByHeaders();
    String newest = lists().getLast();
    ImageList list = image(newest);
    Position at = list.position();
    StateDigest digest = new StateDigest(at.digest().high(), at.digest().low() ^ 1);
    Position other =
        new Position(
            at.epoch(),
            at.segment(),
            at.nextRecord(),
            new Fingerprint(digest, at.rows().checksum()));
    ImageStore store = new ImageStore(bucket, World.KEY, World.SERVICE, 0);
    Path wrong = folder.resolve("wrong");
    new ImageFetch(store, Spawner.virtual(), (_, _) -> {}).run(list, wrong);
    say(wrong, other);
    List<ImageFile> files = new ArrayList<>();
    ImageFolder local = new ImageFolder(wrong);
    for (ImageFolder.Local file : local.files()) {
      ByteBuffer piece = local.read(file.name(), 0, (int) file.length());
      Bytes name = store.name(piece);
      store.put(name, piece);
      files.add(new ImageFile(file.name(), file.length(), List.of(name)));
    }
    bucket.delete(newest);
    assertThat(store.put(new ImageList(World.SERVICE, 0, other, 1, files))).isTrue();
    ToldStart told = new ToldStart();
    assertThat(rows(bucket, told)).isEqualTo(expected);
    assertThat(told.left).singleElement().asString().startsWith(newest).contains("digest");
    assertThat(told.taken)
        .as("the wrong one was opened")
        .containsExactlyElementsOf(lists().reversed());
  }

  /// Makes an index say that it is of this position.
  private static void say(Path state, Position position) throws Exception {
    try (Index index = RocksIndex.open(state)) {
      Batch batch = new Batch();
      index.scan(
          new byte[0],
          (key, value) -> {
            if (key.length == 1 && value.length == 44) {
              ByteBuffer.wrap(value).putLong(28, position.digest().low());
              batch.put(key, value);
            }
          });
      assertThat(batch.changes()).hasSize(1);
      index.write(batch);
      index.flush();
      assertThat(ShardState.position(index)).isEqualTo(position);
    }
  }

  @Test
  void aStartThatFailsAnywhereComesToItsEndAndSoDoesTheNext() throws Exception {
    makeTwo(9);
    Map<String, String> expected = rowsByHeaders();
    int calls = Integer.MAX_VALUE;
    int left = 0;
    for (int call = 1; call <= calls; call++) {
      FaultyBucket faulty = new FaultyBucket(bucket.inner);
      faulty.fail(call, call % 2 == 0 ? Fault.BEFORE : Fault.DEATH_BEFORE);
      Path state = folder.resolve("fails" + call);
      ToldStart told = new ToldStart();
      try {
        Service.readOnly(terms(faulty), state, told).close();
      } catch (HoldfastException e) {
        assertThat(e).hasMessageContaining("fault at call");
      }
      left += told.left.size();
      Service.readOnly(terms(bucket.inner), state, new ToldStart()).close();
      assertThat(rows(state)).isEqualTo(expected);
      if (faulty.calls() < call) {
        calls = call;
      }
    }
    assertThat(calls).isGreaterThan(20);
    assertThat(left).isPositive();
  }

  @Test
  void aFullDiskIsToldAndHeadersTakeTheImagesPlace() throws Exception {
    makeTwo(10);
    Map<String, String> expected = rowsByHeaders();
    try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), 32)) {
      assumeTrue(disk.isReal);
      ToldStart told =
          new ToldStart() {
            @Override
            public void imageFetched(long bytesDone, long bytesAll) {
              fill(disk, true);
            }

            @Override
            public void imageLeft(String list, String why) {
              super.imageLeft(list, why);
              fill(disk, false);
            }
          };
      Path state = disk.root.resolve("state");
      Service.readOnly(terms(bucket), state, told).close();
      assertThat(told.left)
          .hasSize(2)
          .allMatch(why -> why.contains("No space left on device") && why.contains("make room"));
      assertThat(rows(state)).isEqualTo(expected);
    }
  }

  private static void fill(SmallDisk disk, boolean isFull) {
    try {
      if (isFull) {
        disk.fill(0);
      } else {
        disk.empty();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theTimelineSaysWhichImageWasTakenAndWhyOthersWereNot() throws Exception {
    makeTwo(11);
    String newest = lists().getLast();
    ImageHarm.PIECE_IS_GONE.at(bucket, newest);
    Path state = folder.resolve("told");
    new StartNotes(state, world.clock, ShardStart.Listener.NONE)
        .run(notes -> Service.own(terms(bucket), state, notes, _ -> {}))
        .close();
    List<String> lines = Files.readAllLines(state.resolve("timeline"));
    assertThat(lines).anyMatch(line -> line.contains("IMAGE LEFT: " + newest + ": object i/"));
    String older = lists().getFirst();
    assertThat(lines)
        .anyMatch(line -> line.contains("from the image " + older + ", up to record "));
  }

  /// A start after which images are doubted, as one was void, makes one that is whole.
  @Test
  void aPieceThatWasFoundDamagedIsSentAgain() throws Exception {
    makeTwo(12);
    ImageHarm.PIECE_HAS_A_FLIPPED_BIT.at(bucket, lists().getFirst());
    ImageHarm.PIECE_IS_CUT.at(bucket, lists().getLast());
    Path state = folder.resolve("mends");
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      ImageMaker maker =
          service.images(calm.terms(bucket, SEGMENT_LENGTH), DAY_MILLIS).orElseThrow();
      assertThat(maker.isDue()).isTrue();
      maker.round();
      assertThat(maker.isDue()).isFalse();
    }
    Map<String, String> expected = rowsByHeaders();
    ToldStart told = new ToldStart();
    assertThat(rows(bucket, told)).isEqualTo(expected);
    assertThat(told.left).isEmpty();
    assertThat(told.taken).containsExactly(lists().getLast());
  }
}
