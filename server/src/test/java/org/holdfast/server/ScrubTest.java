package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.Scrub;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScrubTest {
  private static final int SEGMENT_LENGTH = 6000;
  private static final long PERIOD_MILLIS = 30L * 24 * 3600 * 1000;

  @TempDir Path folder;

  private final World world = new World();
  private final ReadBucket bucket = new ReadBucket();
  private Service service;
  private Scrub scrub;
  private List<SegmentId> log;

  @BeforeEach
  void makeLog() throws Exception {
    start();
    History history = new History(11, world.clock);
    history.on(service.shard());
    history.run(150);
    service.shard().awaitDurable();
    log = World.counted(bucket.inner);
    assertThat(log).hasSizeGreaterThan(20);
    bucket.keys.clear();
  }

  private void start() throws Exception {
    service = world.own(bucket, folder, SEGMENT_LENGTH);
    scrub = service.shard().scrub().orElseThrow();
    // Rounds begin when the test says so.
    service.scrubInBackground(
        world.clock, (_, task) -> Thread.ofVirtual().unstarted(task), PERIOD_MILLIS);
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private void restart() throws Exception {
    stop();
    start();
    bucket.keys.clear();
  }

  /// Reads to the middle of the log.
  private void readHalf() {
    bucket.failing = log.get(log.size() / 2).key();
    assertThatThrownBy(scrub::round).isInstanceOf(UnavailableException.class);
    bucket.failing = "";
    bucket.keys.clear();
  }

  @Test
  void whatARoundReadsItHasMemoryForAndGivesBack() throws Exception {
    BackgroundMemory memory = service.shard().memory();
    List<Long> held = new ArrayList<>();
    bucket.beforeNextRead = () -> held.add(memory.heldBytes(BackgroundJob.SCRUB));
    scrub.round();
    assertThat(held).singleElement().satisfies(bytes -> assertThat(bytes).isPositive());
    assertThat(memory.heldBytes()).isZero();
  }

  @Test
  void aRoundReadsEverySegmentAndTheNextIsDueAfterThePeriod() throws Exception {
    assertThat(scrub.isDue()).isTrue();
    assertThat(scrub.report().orElseThrow().endedAgoMillis()).isEmpty();
    scrub.round();
    assertThat(bucket.read()).containsExactlyElementsOf(log);
    Scrub.Report report = scrub.report().orElseThrow();
    assertThat(report.sinceMillis()).isEmpty();
    assertThat(report.endedAgoMillis()).isPresent();
    assertThat(scrub.isDue()).isFalse();
    restart();
    assertThat(scrub.isDue()).isFalse();
    world.clock.sleepMillis(PERIOD_MILLIS);
    assertThat(scrub.isDue()).isTrue();
    assertThat(service.shard().damagedObjects()).isZero();
  }

  @Test
  void aRestartGoesOnWhereTheRoundWas() throws Exception {
    readHalf();
    Scrub.Report before = scrub.report().orElseThrow();
    assertThat(before.sinceMillis()).isPresent();
    assertThat(before.readBytes()).isPositive();
    assertThat(service.shard().pacer().progress(BackgroundJob.SCRUB).failures()).isEqualTo(1);
    restart();
    Scrub.Report after = scrub.report().orElseThrow();
    assertThat(after.readBytes()).isEqualTo(before.readBytes());
    assertThat(after.leftBytes()).isEqualTo(before.leftBytes()).isPositive();
    assertThat(scrub.isDue()).isTrue();
    scrub.round();
    assertThat(bucket.read()).containsExactlyElementsOf(log.subList(log.size() / 2, log.size()));
    assertThat(scrub.isDue()).isFalse();
  }

  @Test
  void aDamagedFileOfProgressMeansThatTheRoundBeginsAnew() throws Exception {
    readHalf();
    stop();
    Path file = folder.resolve("scrub");
    Files.writeString(file, Files.readString(file).replaceFirst(" 0 ", " 1 "));
    start();
    bucket.keys.clear();
    scrub.round();
    assertThat(bucket.read()).containsAll(log);
  }

  @Test
  void everyKindOfDamageIsFoundAndNothingIsMended() throws Exception {
    SegmentId longest = longest();
    List<SegmentId> others = log.stream().filter(id -> !id.equals(longest)).toList();
    byte[] data = bucket.whole(longest);
    byte[] header = bucket.whole(others.get(2));
    byte[] missing = bucket.whole(others.get(1));
    byte[] rotten = flipped(data, data.length - 1);
    bucket.replace(longest, rotten);
    bucket.replace(others.get(2), flipped(header, 40));
    bucket.inner.delete(others.get(1).key());
    scrub.round();
    assertThat(service.shard().damagedObjects()).isEqualTo(3);
    assertThat(service.shard().obstacle()).isPresent();
    // Whether another round is due nobody knows: who waits for what is damaged lets days pass.
    Scrub.Report report = scrub.report().orElseThrow();
    assertThat(report.sinceMillis()).as("it has gone on to the end").isEmpty();
    assertThat(report.endedAgoMillis()).isPresent();
    assertThat(bucket.whole(longest)).isEqualTo(rotten);
    bucket.replace(longest, data);
    bucket.replace(others.get(2), header);
    bucket.replace(others.get(1), missing);
    while (service.shard().damagedObjects() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void whatTheBucketIsSlowToShowIsNoDamage() throws Exception {
    bucket.hidden = log.get(3).key();
    bucket.hiddenReads = 3;
    scrub.round();
    assertThat(bucket.hiddenReads).isZero();
    assertThat(service.shard().obstacle()).isEmpty();
    assertThat(scrub.isDue()).isFalse();
  }

  @Test
  void segmentsThatAreRetiredMeanwhileAreNoDamage() throws Exception {
    world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
    service.shard().freeing().round();
    bucket.beforeNextRead = () -> cleanAll(service);
    scrub.round();
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    assertThat(cleaner.progress().cleanedSegments()).isGreaterThan(5);
    assertThat(service.shard().damagedObjects()).isZero();
    assertThat(scrub.isDue()).isFalse();
  }

  @Test
  void whatAnotherOwnerHasCleanedIsNoDamage() throws Exception {
    world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
    service.shard().freeing().round();
    service.shard().awaitDurable();
    try (Service next = world.own(bucket, folder.resolve("next"), SEGMENT_LENGTH)) {
      cleanAll(next);
      assertThat(log).anyMatch(id -> bucket.inner.get(id.key(), 0, 1).isEmpty());
      assertThatThrownBy(scrub::round).isInstanceOf(UnavailableException.class);
    }
    assertThat(service.shard().damagedObjects()).isZero();
    assertThat(service.shard().obstacle().orElseThrow()).contains("taken this shard over");
  }

  private static void cleanAll(Service service) throws HoldfastException {
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    boolean hasMore = true;
    while (hasMore) {
      hasMore = cleaner.round();
    }
  }

  /// A segment that ends with the data of a block.
  private SegmentId longest() {
    return log.stream()
        .max((a, b) -> Integer.compare(bucket.whole(a).length, bucket.whole(b).length))
        .orElseThrow();
  }

  private static byte[] flipped(byte[] bytes, int at) {
    byte[] flipped = bytes.clone();
    flipped[at] ^= 16;
    return flipped;
  }

  /// Notes what is read; fails, or does not show, what it is told to.
  private static final class ReadBucket implements Bucket {
    final MemoryBucket inner = new MemoryBucket();
    final ConcurrentLinkedQueue<String> keys = new ConcurrentLinkedQueue<>();
    volatile String failing = "";
    volatile String hidden = "";
    volatile int hiddenReads;
    volatile Action beforeNextRead = () -> {};

    TreeSet<SegmentId> read() {
      TreeSet<SegmentId> read = new TreeSet<>();
      keys.forEach(key -> read.add(SegmentId.ofKey(key).orElseThrow()));
      return read;
    }

    byte[] whole(SegmentId id) {
      return inner.get(id.key(), 0, Bucket.MAX_OBJECT_LENGTH).orElseThrow().bytes();
    }

    void replace(SegmentId id, byte[] bytes) throws RefusedException {
      inner.delete(id.key());
      inner.putIfAbsent(id.key(), List.of(ByteBuffer.wrap(bytes)));
    }

    @Override
    public Optional<Range> get(String key, long offset, int length) throws UnavailableException {
      Action action = beforeNextRead;
      beforeNextRead = () -> {};
      try {
        action.run();
      } catch (HoldfastException e) {
        throw new UnavailableException("the test cannot go on", e);
      }
      if (key.equals(failing)) {
        throw new UnavailableException("the bucket is away");
      }
      keys.add(key);
      if (key.equals(hidden) && hiddenReads > 0) {
        hiddenReads--;
        return Optional.empty();
      }
      return inner.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      return inner.putIfAbsent(key, body);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit) {
      return inner.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
      inner.delete(key);
    }
  }

  private interface Action {
    void run() throws HoldfastException;
  }
}
