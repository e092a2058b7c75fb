package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.Pacer;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CleanerTest {
  private static final int SEGMENT_LENGTH = 6000;

  @TempDir Path folder;

  private final World world = new World();

  @Test
  void cleanedLogSaysWhatItSaid() throws Exception {
    long cleaned = 0;
    for (int seed = 0; seed < 5; seed++) {
      Graveyard bucket = new Graveyard();
      Path state = folder.resolve("s" + seed);
      Path old = folder.resolve("o" + seed);
      History history = new History(seed, world.clock);
      for (int life = 0; life < 3; life++) {
        try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
          history.on(service.shard());
          history.run(150);
          world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
          service.shard().freeing().round();
          cleanAll(service);
          history.check();
          cleanSome(service, new Random(seed));
          history.check();
          cleaned += service.shard().cleaner().orElseThrow().progress().cleanedSegments();
        }
        if (life == 0) {
          World.copy(state, old);
        }
      }
      try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
        history.on(service.shard());
        history.check();
        service.shard().awaitDurable();
        StateDigest live = World.digest(service);
        assertSame(bucket, live, seed);
        bucket.bringBack(new Random(seed));
        assertSame(bucket, live, seed);
        assertThat(World.live(service)).as("live bytes").isEqualTo(World.kept(service));
      }
      Files.deleteIfExists(old.resolve("clean"));
      try (Service service = world.own(bucket, old, SEGMENT_LENGTH)) {
        history.on(service.shard());
        history.check();
        assertThat(World.live(service)).as("live bytes").isEqualTo(World.kept(service));
        cleanAll(service);
        assertThat(bucket.isSwept()).as("what came back is deleted again").isTrue();
      }
    }
    assertThat(cleaned).isGreaterThan(200);
    assertThat(world.stopped).isEmpty();
  }

  @Test
  void sealThatComesLateWhereASegmentWasCleanedDoesNotCount() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(1, world.clock);
    Path old = folder.resolve("old");
    try (Service service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(60);
    }
    World.copy(folder.resolve("first"), old);
    StateDigest live;
    ListedObject seal;
    byte[] late;
    try (Service service = world.own(bucket, folder.resolve("first"), SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(20);
      service.shard().awaitDurable();
      MemoryBucket other = copy(bucket);
      world.own(other, folder.resolve("other")).close();
      seal = firstNew(other, bucket);
      late = other.get(seal.key(), 0, (int) seal.length()).orElseThrow().bytes();
      history.run(250);
      service.shard().awaitDurable();
      // With the old ones gone too, nothing is stated again of rows that went with it.
      for (SegmentId each : World.counted(bucket)) {
        if (each.key().compareTo(seal.key()) == 0 || isBefore(each, seal)) {
          assertThat(service.shard().cleaner().orElseThrow().clean(each)).isTrue();
        }
      }
      history.check();
      service.shard().awaitDurable();
      live = World.digest(service);
    }
    assertThat(bucket.putIfAbsent(seal.key(), List.of(ByteBuffer.wrap(late))))
        .isEqualTo(PutResult.CREATED);
    assertSame(bucket, live, 1);
    for (String state : List.of("first", "old", "none")) {
      try (Service again = world.own(copy(bucket), folder.resolve(state), SEGMENT_LENGTH)) {
        history.on(again.shard());
        history.check();
        assertThat(World.digest(again)).as(state).isEqualTo(live);
      }
    }
  }

  private static boolean isBefore(SegmentId each, ListedObject other) {
    return each.compareTo(SegmentId.ofKey(other.key()).orElseThrow()) < 0;
  }

  private static MemoryBucket copy(Bucket from) throws Exception {
    MemoryBucket to = new MemoryBucket();
    for (ListedObject object : from.list("", "", Bucket.MAX_LISTED).objects()) {
      byte[] bytes = from.get(object.key(), 0, (int) object.length()).orElseThrow().bytes();
      to.putIfAbsent(object.key(), List.of(ByteBuffer.wrap(bytes)));
    }
    return to;
  }

  /// The first segment that the other one does not have.
  private static ListedObject firstNew(Bucket bucket, Bucket before) throws Exception {
    List<ListedObject> known = before.list(SegmentId.PREFIX, "", Bucket.MAX_LISTED).objects();
    return bucket.list(SegmentId.PREFIX, "", Bucket.MAX_LISTED).objects().stream()
        .filter(each -> !known.contains(each))
        .min(Comparator.comparing(each -> SegmentId.ofKey(each.key()).orElseThrow()))
        .orElseThrow();
  }

  @Test
  void whateverIsCleanedTheLogSaysWhatItSaid() throws Exception {
    int cleaned = 0;
    for (int seed = 0; seed < 6; seed++) {
      MemoryBucket bucket = new MemoryBucket();
      Random random = new Random(seed);
      History history = new History(seed, world.clock);
      // A root and its commit are often not in one segment then.
      int length = seed % 2 == 0 ? 100 : SEGMENT_LENGTH;
      for (int life = 0; life < 2; life++) {
        try (Service service = world.own(bucket, folder.resolve("w" + seed), length)) {
          history.on(service.shard());
          history.run(50);
          world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
          service.shard().freeing().round();
          cleaned += cleanSome(service, bucket, random);
          history.check();
          service.shard().awaitDurable();
          assertSame(bucket, World.digest(service), seed);
        }
      }
    }
    assertThat(cleaned).isGreaterThan(100);
    assertThat(world.stopped).isEmpty();
  }

  /// All that was there, from the oldest on, or most of it in any order.
  private static int cleanSome(Service service, Bucket bucket, Random random) throws Exception {
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    List<SegmentId> segments = new ArrayList<>(World.counted(bucket));
    int mostly = 4;
    if (random.nextBoolean()) {
      Collections.shuffle(segments, random);
    } else {
      mostly = Integer.MAX_VALUE;
    }
    int cleaned = 0;
    for (SegmentId each : segments) {
      if (random.nextInt(mostly) > 0 && cleaner.clean(each)) {
        cleaned++;
        if (cleaned % 3 == 0) {
          assertSame(bucket, World.digest(service), cleaned);
        }
      }
    }
    return cleaned;
  }

  private static void assertSame(Bucket bucket, StateDigest live, int seed) throws Exception {
    try (Index memory = new MemoryIndex()) {
      assertThat(World.replay(bucket, memory)).as("seed %d", seed).isEqualTo(live);
      assertThat(ShardState.scan(memory, Spawner.virtual()).digest()).isEqualTo(live);
      assertThat(ShardState.isIncomplete(memory)).isFalse();
    }
  }

  /// Whatever lives in them.
  private static void cleanSome(Service service, Random random) throws HoldfastException {
    List<SegmentId> all = new ArrayList<>();
    service
        .shard()
        .durable(rows -> {
          rows.eachSegment(0, (id, _) -> all.add(id));
          return all;
        });
    Collections.shuffle(all, random);
    for (SegmentId id : all.subList(0, all.size() / 3)) {
      service.shard().cleaner().orElseThrow().clean(id);
    }
  }

  private static void cleanAll(Service service) throws HoldfastException {
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    int rounds = 0;
    while (cleaner.round()) {
      assertThat(rounds++).as("cleaning comes to its end").isLessThan(1000);
    }
  }

  @Test
  void whereverCleaningDiesNothingIsLost() throws Exception {
    int crashes = 0;
    for (Fault fault : new Fault[] {Fault.DEATH_BEFORE, Fault.DEATH_AFTER}) {
      boolean died = true;
      for (int call = 1; died; call += 1 + call / 6) {
        died = dieAt(call, fault);
        crashes += died ? 1 : 0;
      }
    }
    assertThat(crashes).isGreaterThan(12);
  }

  private boolean dieAt(int call, Fault fault) throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    Path state = folder.resolve(fault + "-" + call);
    History history = new History(3, world.clock);
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(150);
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
      service.shard().freeing().round();
    }
    FaultyBucket faulty = new FaultyBucket(bucket);
    try (Service service = world.own(faulty, state, SEGMENT_LENGTH)) {
      service.shard().awaitDurable();
      faulty.fail(faulty.calls() + call, fault);
      cleanAll(service);
    } catch (HoldfastException e) {
      // It died.
    }
    Files.deleteIfExists(state.resolve("clean"));
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.check();
      cleanAll(service);
      history.check();
      service.shard().awaitDurable();
      assertSame(bucket, World.digest(service), call);
      assertThat(World.live(service)).isEqualTo(World.kept(service));
    }
    try (Index index = RocksIndex.open(folder.resolve("fresh " + fault + call))) {
      World.replay(bucket, index);
    }
    return faulty.isDead();
  }

  /// From the budget that all background work has.
  @Test
  void whatCleaningReadsItHasMemoryForAndGivesBack() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    History history = new History(4, world.clock);
    try (Service service = world.own(bucket, folder, SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(60);
      service.shard().awaitDurable();
      BackgroundMemory memory = service.shard().memory();
      List<SegmentId> log = World.counted(bucket);
      List<Long> held = new CopyOnWriteArrayList<>();
      bucket.afterGet = () -> held.add(memory.heldBytes(BackgroundJob.CLEANING));
      for (SegmentId each : log) {
        service.shard().cleaner().orElseThrow().clean(each);
      }
      bucket.afterGet = () -> {};
      long forHeader = held.getFirst();
      assertThat(forHeader).isPositive();
      assertThat(held).as("with the blocks").anyMatch(bytes -> bytes > forHeader);
      assertThat(memory.heldBytes()).isZero();
    }
  }

  @Test
  void cleaningThatIsSwitchedOffStopsInTheMiddleAndGoesOnLater() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    History history = new History(5, world.clock);
    try (Service service = world.own(bucket, folder, SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(150);
      world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
      service.shard().freeing().round();
      Pacer pacer = service.shard().pacer();
      Cleaner cleaner = service.shard().cleaner().orElseThrow();
      assertThat(cleaner.round()).isTrue();
      long cleaned = cleaner.progress().cleanedSegments();
      bucket.afterGet = () -> pacer.hold(BackgroundJob.CLEANING);
      for (int tried = 0; tried < 3; tried++) {
        assertThatThrownBy(() -> cleanAll(service))
            .isInstanceOf(UnavailableException.class)
            .hasMessage("cleaning waits: it is switched off");
        bucket.afterGet = () -> {};
        history.check();
      }
      assertThat(cleaner.progress().cleanedSegments()).isEqualTo(cleaned);
      pacer.resume(BackgroundJob.CLEANING);
      cleanAll(service);
      assertThat(cleaner.progress().cleanedSegments()).isGreaterThan(cleaned + 1);
      history.check();
      service.shard().awaitDurable();
      assertSame(bucket, World.digest(service), 5);
    }
  }

  @Test
  void spaceStaysNearWhatLives() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(5, world.clock);
    try (Service service = world.own(bucket, folder, SEGMENT_LENGTH)) {
      history.on(service.shard());
      for (int i = 0; i < 6; i++) {
        history.run(150);
        world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
        service.shard().freeing().round();
        cleanAll(service);
      }
      Cleaner.Progress progress = service.shard().cleaner().orElseThrow().progress();
      assertThat(progress.cleanedSegments()).isPositive();
      // The newest segments are not cleaned.
      assertThat(progress.storedBytes())
          .isLessThan(progress.liveBytes() * 5 / 4 + 10 * SEGMENT_LENGTH);
    }
  }

  /// Also where it has stopped writing before that, by a defect.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoWasReplacedCallsNothingDamagedThatItsFollowerCleaned(boolean isStopped) throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    GatedBucket oldWay = new GatedBucket(bucket);
    History history = new History(7, world.clock);
    try (Service old = world.own(oldWay, folder.resolve("old"), SEGMENT_LENGTH)) {
      history.on(old.shard());
      history.run(100);
      history.check();
      if (isStopped) {
        oldWay.set(GatedBucket.Gate.BROKEN);
        AccountId account = new AccountId(Bytes.wrap(new byte[16]));
        var opened = new LogRecord.AccountOpened(account, "never");
        assertThatThrownBy(() -> old.shard().write(_ -> List.of(opened)))
            .isInstanceOf(UnavailableException.class);
      }
      try (Service next = world.own(bucket, folder.resolve("next"), SEGMENT_LENGTH)) {
        history.on(next.shard());
        for (SegmentId each : World.counted(bucket)) {
          next.shard().cleaner().orElseThrow().clean(each);
        }
        history.check();
      }
      history.on(old.shard());
      assertThatThrownBy(history::check)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("another server has taken this log over");
      assertThat(old.shard().damagedObjects()).isZero();
    } catch (HoldfastException e) {
      assertThat(e).as("the old one cannot be closed well").hasMessageContaining("taken");
    }
  }

  /// Where the store does not show the seal for a while, but what its follower has written since.
  @Test
  void whoWasReplacedSeesItsFollowerBehindASealThatIsNotShown() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    GatedBucket oldWay = new GatedBucket(bucket);
    History history = new History(7, world.clock);
    try (Service old = world.own(oldWay, folder.resolve("old"), SEGMENT_LENGTH)) {
      history.on(old.shard());
      history.run(100);
      history.check();
      Set<SegmentId> before = Set.copyOf(World.counted(bucket));
      try (Service next = world.own(bucket, folder.resolve("next"), SEGMENT_LENGTH)) {
        history.on(next.shard());
        for (SegmentId each : before) {
          next.shard().cleaner().orElseThrow().clean(each);
        }
      }
      SegmentId seal =
          World.reader(bucket).list(0).keySet().stream()
              .filter(each -> each.epoch() == old.shard().epoch() && !before.contains(each))
              .findFirst()
              .orElseThrow();
      oldWay.hide(seal.key(), Integer.MAX_VALUE, Integer.MAX_VALUE);
      history.on(old.shard());
      assertThatThrownBy(history::check)
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("another server has taken this log over");
      assertThat(old.shard().damagedObjects()).isZero();
    } catch (HoldfastException e) {
      assertThat(e).as("the old one cannot be closed well").hasMessageContaining("taken");
    }
  }

  /// The older segment was cleaned: that it is missing does not mean anything as long as the one is
  /// not there that says so.
  @Test
  void segmentThatIsSlowToShowIsNotTakenForTheOneThatItRetires() throws Exception {
    GatedBucket bucket = new GatedBucket(new MemoryBucket());
    History history = new History(10, world.clock);
    SegmentId cleaned = SegmentId.first(0, 2);
    for (int life = 0; life < 3; life++) {
      try (Service service = world.own(bucket, folder.resolve("s"), SEGMENT_LENGTH)) {
        history.on(service.shard());
        history.run(20);
        if (life == 1) {
          assertThat(service.shard().cleaner().orElseThrow().clean(cleaned)).isTrue();
        }
        history.run(20);
        history.check();
      }
    }
    SegmentId retiring = cleaned;
    for (SegmentId each : World.counted(bucket)) {
      for (LogEntry entry : World.reader(bucket).header(each).orElseThrow().entries()) {
        if (entry.item() instanceof LogRecord.SegmentsRetired record
            && record.range(0).contains(cleaned)) {
          retiring = each;
        }
      }
    }
    StateDigest whole;
    try (Index memory = new MemoryIndex()) {
      whole = World.replay(bucket, memory);
    }
    bucket.forget(retiring.key(), 2);
    try (Index memory = new MemoryIndex()) {
      assertThat(World.replay(bucket, memory, 1000)).isEqualTo(whole);
    }
  }

  /// As it may be where a client reads a bucket without its server.
  @Test
  void whoOnlyReadsIsToldToReadAgainWhatWasCleaned() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    History history = new History(9, world.clock);
    try (Service owner = world.own(bucket, folder.resolve("s"), SEGMENT_LENGTH)) {
      history.on(owner.shard());
      history.run(100);
      owner.shard().awaitDurable();
      try (Service reader =
          Service.readOnly(world.terms(bucket), folder.resolve("reader"), world)) {
        for (SegmentId each : World.counted(bucket)) {
          owner.shard().cleaner().orElseThrow().clean(each);
        }
        history.on(reader.shard());
        assertThatThrownBy(history::check)
            .isInstanceOf(UnavailableException.class)
            .hasMessageContaining("try again");
        assertThat(reader.shard().damagedObjects()).isZero();
      }
      try (Service reader =
          Service.readOnly(world.terms(bucket), folder.resolve("reader"), world)) {
        history.on(reader.shard());
        history.check();
      }
    }
  }

  /// A start that is held up after it has listed the log, while another server takes over and
  /// cleans all that was listed.
  @Test
  void listingThatIsOlderThanACleaningIsMadeAgain() throws Exception {
    OldListing bucket = new OldListing();
    History history = new History(8, world.clock);
    try (Service service = world.own(bucket, folder.resolve("s"), SEGMENT_LENGTH)) {
      history.on(service.shard());
      history.run(50);
    }
    List<SegmentId> before = World.counted(bucket);
    try (Service service = world.own(bucket, folder.resolve("s"), SEGMENT_LENGTH)) {
      bucket.keepListing();
      history.on(service.shard());
      for (SegmentId each : before) {
        assertThat(service.shard().cleaner().orElseThrow().clean(each)).isTrue();
      }
      bucket.showKept();
      try (Index memory = new MemoryIndex()) {
        assertThat(World.replay(bucket, memory, 1000)).isEqualTo(World.digest(service));
      }
      history.check();
    }
  }

  /// Shows a listing that was made before, once.
  private static final class OldListing implements Bucket {
    private final MemoryBucket bucket = new MemoryBucket();
    private Listing kept = new Listing(List.of(), false);
    private boolean isShown;

    @Override
    public Optional<Range> get(String key, long offset, int length) {
      return bucket.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      return bucket.putIfAbsent(key, body);
    }

    @Override
    public synchronized Listing list(String prefix, String startAfter, int limit) {
      if (isShown && startAfter.isEmpty()) {
        isShown = false;
        return kept;
      }
      return bucket.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
      bucket.delete(key);
    }

    synchronized void keepListing() {
      kept = bucket.list("log/", "", Bucket.MAX_LISTED);
      assertThat(kept.more()).isFalse();
    }

    synchronized void showKept() {
      isShown = true;
    }
  }
}
