package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowingConsumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Batch;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartTest {
  @TempDir Path base;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private final History history = new History(5, world.clock);
  private Path state;
  private StateDigest digest;

  @BeforeEach
  void work() throws Exception {
    state = base.resolve("state");
    try (Service service = world.own(bucket, state)) {
      history.on(service.shard());
      history.run(200);
      service.shard().awaitDurable();
      digest = World.digest(service);
    }
    assertThat(history.acknowledged()).isGreaterThan(5);
    world.told.clear();
  }

  private void startsWithEverything() throws Exception {
    try (Service service = world.own(bucket, state)) {
      history.on(service.shard());
      history.check();
      assertThat(World.digest(service)).isEqualTo(digest);
    }
  }

  @Test
  void indexThatWasClosedCleanlyIsTrusted() throws Exception {
    startsWithEverything();
    assertThat(world.told).containsExactly("replaying 0");
  }

  @Test
  void indexThatWasNotClosedCleanlyIsScanned() throws Exception {
    Files.delete(state.resolve("clean"));
    startsWithEverything();
    assertThat(world.told).containsExactly("proven", "replaying 0");
  }

  @Test
  void markOfACleanStopIsGoneWhileTheServiceRuns() throws Exception {
    try (Service service = world.own(bucket, state)) {
      assertThat(state.resolve("clean")).doesNotExist();
      service.shard().awaitDurable();
    }
    assertThat(state.resolve("clean")).exists();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
        .isEqualTo("rwx------");
  }

  @Test
  void changedRowIsFoundAndTheIndexMadeAnew() throws Exception {
    changeARow();
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded its rows' digest");
    assertThat(world.told).noneMatch("replaying 0"::equals);
  }

  @Test
  void rowsThatTheDigestLeavesOutAreProvenToo() throws Exception {
    List<Change> changes =
        List.of(
            // Where a block lies.
            (batch, key, value) -> {
              value[value.length - 1] ^= 1;
              batch.put(key, value);
            },
            // That a segment is there.
            (batch, key, _) -> batch.delete(key));
    byte[] kinds = {'b', 's'};
    for (int i = 0; i < kinds.length; i++) {
      Files.delete(state.resolve("clean"));
      world.told.clear();
      changeARow(kinds[i], changes.get(i));
      startsWithEverything();
      assertThat(world.told.getFirst()).startsWith("discarded its rows' digest");
    }
  }

  @Test
  void rebuildSaysInWhichRowsAnOldIndexDiffers() throws Exception {
    changeARow((byte) 'b', (batch, key, _) -> batch.delete(key));
    changeARow(
        (byte) 'm',
        (batch, key, value) -> {
          value[value.length - 1] ^= 1;
          batch.put(key, value);
        });
    changeARow(
        (byte) 'r',
        (batch, key, value) -> {
          key[key.length - 1] ^= 1;
          batch.put(key, value);
        });
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    for (Rebuild.How how : List.of(Rebuild.How.COMPARE, Rebuild.How.REPLACE)) {
      Rebuild.Report report = rebuild.run(how);
      assertThat(report.comparison()).isEqualTo(Rebuild.Comparison.DIFFERENT);
      String machine = "machine \\S+ [0-9a-f]{8}: ";
      assertThat(report.difference().orElseThrow().lines())
          .satisfiesOnlyOnce(matches(machine + "1 block only by the log"))
          .satisfiesOnlyOnce(matches(machine + "1 machine not the same"))
          .satisfiesOnlyOnce(matches(machine + "1 archive only in the old index"))
          .satisfiesOnlyOnce(
              matches("  " + machine + "block (chunk|page|root|run) [0-9a-f]{16}, only by the log"))
          .hasSize(7);
    }
    Rebuild.Report again = rebuild.run(Rebuild.How.COMPARE);
    assertThat(again.comparison()).isEqualTo(Rebuild.Comparison.EQUAL);
    assertThat(again.difference()).isEmpty();
  }

  @Test
  void rebuildTellsAnIndexThatIsNotWhatItSaysOfItself() throws Exception {
    changeARow((byte) 's', (batch, key, _) -> batch.delete(key));
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    Rebuild.Report report = rebuild.run(Rebuild.How.COMPARE);
    assertThat(report.comparison()).isEqualTo(Rebuild.Comparison.DIFFERENT);
    assertThat(report.difference().orElseThrow().lines())
        .containsExactly("only what the old index says of segments, or of itself, is not the same");
  }

  private static ThrowingConsumer<String> matches(String pattern) {
    return line -> assertThat(line).matches(pattern);
  }

  @Test
  void indexOfAnotherVersionIsMadeAnew() throws Exception {
    changeARow((byte) 'z', (batch, key, value) -> batch.put(key, Arrays.copyOf(value, 36)));
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded it is not of this version");
  }

  @Test
  void indexThatWasNotFinishedIsNotCompared() throws Exception {
    changeARow((byte) 'b', (batch, _, _) -> batch.put(new byte[] {'q'}, new byte[] {1}));
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    assertThat(rebuild.run(Rebuild.How.COMPARE).comparison())
        .isEqualTo(Rebuild.Comparison.UNFINISHED);
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded it was being made");
  }

  private void changeARow() throws Exception {
    Files.delete(state.resolve("clean"));
    changeARow(
        (byte) 'b',
        (batch, key, value) -> {
          value[20] ^= 1;
          batch.put(key, value);
        });
  }

  private void changeARow(byte kind, Change change) throws Exception {
    try (Index index = RocksIndex.open(state.resolve("index"))) {
      byte[][] row = new byte[2][];
      index.scan(
          new byte[] {kind},
          (key, value) -> {
            row[0] = key;
            row[1] = value;
          });
      Batch batch = new Batch();
      change.make(batch, row[0], row[1]);
      index.write(batch);
      index.flush();
    }
  }

  private interface Change {
    void make(Batch batch, byte[] key, byte[] value);
  }

  @Test
  void bucketThatLostItsLastSegmentIsRefusedAlsoByAnIndexThatIsNotProven() throws Exception {
    changeARow();
    SegmentId last = World.counted(bucket).getLast();
    byte[] object = bucket.getWhole(last.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    bucket.delete(last.key());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> world.own(bucket, state))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(last.key());
    }
    assertThat(bucket.getWhole(last.key(), Bucket.MAX_OBJECT_LENGTH)).as("no seal").isEmpty();
    bucket.putIfAbsent(last.key(), List.of(ByteBuffer.wrap(object)));
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded its rows' digest");
  }

  @Test
  void fileOfTheIndexThatIsDamagedIsFoundAndTheIndexMadeAnew() throws Exception {
    Files.delete(state.resolve("clean"));
    try (Stream<Path> files = Files.list(state.resolve("index"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".sst")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 4;
        Files.write(file, bytes);
      }
    }
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded");
  }

  @Test
  void indexThatIsNoIndexIsMadeAnew() throws Exception {
    try (Stream<Path> files = Files.list(state.resolve("index"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.write(file, new byte[] {1, 2, 3});
      }
    }
    startsWithEverything();
    assertThat(world.told.getFirst()).startsWith("discarded");
  }

  @Test
  void indexInUseIsLeftAlone() throws Exception {
    try (Index index = RocksIndex.open(state.resolve("index"))) {
      assertThatThrownBy(this::startsWithEverything).isInstanceOf(UnavailableException.class);
      assertThat(index.get(new byte[] {'z'})).isNotNull();
    }
    startsWithEverything();
  }

  @Test
  void epochsRiseWithEachStartAndNothingElseChanges() throws Exception {
    int epoch = 0;
    for (int i = 0; i < 5; i++) {
      try (Service service = world.own(bucket, state)) {
        service.shard().awaitDurable();
        assertThat(service.shard().position().epoch()).isGreaterThan(epoch);
        epoch = service.shard().position().epoch();
      }
    }
    assertThat(epoch).isEqualTo(7);
    startsWithEverything();
  }

  @Test
  void bucketThatLostItsLastSegmentIsRefusedAndNotSealed() throws Exception {
    SegmentId last = World.counted(bucket).getLast();
    byte[] object = bucket.getWhole(last.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    bucket.delete(last.key());
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> world.own(bucket, state))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(last.key());
    }
    bucket.putIfAbsent(last.key(), List.of(ByteBuffer.wrap(object)));
    startsWithEverything();
  }

  @Test
  void emptyBucketIsRefusedByAnIndexThatKnowsMore() {
    assertThatThrownBy(() -> world.own(new MemoryBucket(), state))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void missingSegmentInTheMiddleIsNamed() throws Exception {
    List<SegmentId> all = World.counted(bucket);
    for (SegmentId missing : List.of(all.getFirst(), all.get(3), all.get(all.size() - 2))) {
      byte[] object = bucket.getWhole(missing.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
      startsWithEverything();
      bucket.delete(missing.key());
      refusesToReplay(missing);
      bucket.putIfAbsent(missing.key(), List.of(ByteBuffer.wrap(object)));
    }
  }

  @Test
  void segmentThatTheListingMissedIsNoDamage() throws Exception {
    GatedBucket slow = new GatedBucket(bucket);
    slow.hide(World.counted(bucket).get(4).key(), 0, 3);
    try (Service service = world.own(slow, base.resolve("fresh"))) {
      assertThat(World.digest(service)).isEqualTo(digest);
    }
  }

  @Test
  void damagedHeaderAndTruncatedObjectAreNamed() throws Exception {
    SegmentId id = World.counted(bucket).get(3);
    byte[] object = bucket.getWhole(id.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    byte[] flipped = object.clone();
    flipped[90] ^= 1;
    for (byte[] damaged :
        List.of(flipped, java.util.Arrays.copyOf(object, object.length - 1), new byte[0])) {
      bucket.delete(id.key());
      bucket.putIfAbsent(id.key(), List.of(ByteBuffer.wrap(damaged)));
      refusesToReplay(id);
    }
  }

  @Test
  void segmentThatTheBucketIsSlowToShowIsWaitedFor() throws Exception {
    List<SegmentId> all = World.counted(bucket);
    GatedBucket slow = new GatedBucket(bucket);
    for (SegmentId id : List.of(all.get(3), all.getLast())) {
      slow.hide(id.key(), 5, 0);
      Path fresh = base.resolve("without " + id.number());
      try (Service service = world.own(slow, fresh)) {
        history.on(service.shard());
        history.check();
      }
    }
    slow.hide(all.get(3).key(), 5, 0);
    new Rebuild(world.terms(slow), base.resolve("rebuilt"), Rebuild.Progress.NONE)
        .run(Rebuild.How.REPLACE);
  }

  @Test
  void listingThatLagsBehindTheIndexIsAskedForAgain() throws Exception {
    GatedBucket slow = new GatedBucket(bucket);
    SegmentId last = World.counted(bucket).getLast();
    slow.hide(last.key(), 0, 3);
    world.own(slow, state).close();
    slow.hide(World.counted(bucket).getLast().key(), 0, 3);
    new Rebuild(world.terms(slow), state, Rebuild.Progress.NONE).run(Rebuild.How.REPLACE);
    startsWithEverything();
  }

  @Test
  void listingThatLagsBehindTheTakeoverIsAskedForAgain() throws Exception {
    SegmentId last = World.counted(bucket).getLast();
    LaggingBucket lagging = new LaggingBucket(bucket, last.key());
    try (Service service = world.own(lagging, base.resolve("fresh"))) {
      assertThat(World.digest(service)).isEqualTo(digest);
    }
  }

  @Test
  void segmentThatIsMissingBeforeTheLastSealIsNamed() throws Exception {
    SegmentId last = World.counted(bucket).getLast();
    for (int i = 0; i < 2; i++) {
      world.terms(bucket).start(world).fence(new MemoryIndex(), Client.RANDOM);
    }
    bucket.delete(last.key());
    refusesToReplay(last);
  }

  private void refusesToReplay(SegmentId named) {
    assertThatThrownBy(() -> World.replay(bucket, new MemoryIndex()))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(named.key())
        .hasMessageNotContaining("\n");
    assertThatThrownBy(() -> world.own(bucket, base.resolve("fresh")))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(named.key());
    assertThatThrownBy(() ->
            new Rebuild(world.terms(bucket), base.resolve("rebuilt"), Rebuild.Progress.NONE)
                .run(Rebuild.How.REPLACE))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(named.key());
  }

  @Test
  void rebuildComparesAndReplacesTheIndex() throws Exception {
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    assertThat(rebuild.run(Rebuild.How.COMPARE).comparison()).isEqualTo(Rebuild.Comparison.EQUAL);
    Rebuild.Report report = rebuild.run(Rebuild.How.REPLACE);
    assertThat(report.digest()).isEqualTo(digest);
    assertThat(report.comparison()).isEqualTo(Rebuild.Comparison.EQUAL);
    startsWithEverything();
  }

  @Test
  void rebuildFromABucketThatLostItsEndIsRefusedAndReplacesNothing() throws Exception {
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    SegmentId last = World.counted(bucket).getLast();
    byte[] object = bucket.getWhole(last.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    bucket.delete(last.key());
    for (Rebuild.How compareOnly : List.of(Rebuild.How.COMPARE, Rebuild.How.REPLACE)) {
      assertThatThrownBy(() -> rebuild.run(compareOnly))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining(last.key());
    }
    assertThatThrownBy(() -> world.own(bucket, state)).isInstanceOf(RefusedException.class);
    bucket.putIfAbsent(last.key(), List.of(ByteBuffer.wrap(object)));
    startsWithEverything();
  }

  @Test
  void folderOfARebuildIsNobodyElses() throws Exception {
    List<Exception> met = new ArrayList<>();
    Rebuild.Progress meanwhile =
        new Rebuild.Progress() {
          @Override
          public void at(Rebuild.Phase phase, long done, long all, long records) {
            try {
              world.own(bucket, state).close();
            } catch (HoldfastException e) {
              met.add(e);
            }
          }

          @Override
          public void inOrder(String why) {}
        };
    new Rebuild(world.terms(bucket), state, meanwhile).run(Rebuild.How.REPLACE);
    assertThat(met)
        .isNotEmpty()
        .allSatisfy(e -> {
          assertThat(e).isInstanceOf(UnavailableException.class).hasMessageContaining("in use");
        });
    startsWithEverything();
  }

  @Test
  void firstStartFindsNothingToProve() throws Exception {
    world.own(bucket, base.resolve("fresh")).close();
    assertThat(world.told).hasSize(1).allMatch(told -> told.startsWith("replaying "));
  }

  @Test
  void rebuildOfADamagedIndexSaysThatItDiffers() throws Exception {
    try (Stream<Path> files = Files.list(state.resolve("index"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".sst")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 4;
        Files.write(file, bytes);
      }
    }
    Rebuild rebuild = new Rebuild(world.terms(bucket), state, Rebuild.Progress.NONE);
    assertThat(rebuild.run(Rebuild.How.REPLACE).comparison())
        .isEqualTo(Rebuild.Comparison.DIFFERENT);
    startsWithEverything();
  }

  @Test
  void readOnlyServiceTakesNothingOver() throws Exception {
    int before = World.counted(bucket).size();
    try (Service reader = Service.readOnly(world.terms(bucket), new MemoryIndex(), world)) {
      history.on(reader.shard());
      history.check();
    }
    startsWithEverything();
    assertThat(World.counted(bucket)).hasSize(before + 1);
  }
}
