package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.DrillRecord.Result;
import org.holdfast.server.drill.LiveDigests;
import org.holdfast.server.drill.Pace;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.Cleaner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DrillTest {
  private static final int SEGMENT_LENGTH = 6000;

  /// Few enough that blocks of one machine and class come into several files.
  private static final int FILE_RECORDS = 15;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private final AtomicBoolean isStopped = new AtomicBoolean();
  private final List<String> inOrder = new ArrayList<>();
  private Index.Opening indexes = RocksIndex::openSmall;
  private Service service;
  private History history;

  @BeforeEach
  void makeLog() throws Exception {
    service = world.own(bucket, folder.resolve("state"), SEGMENT_LENGTH);
    history = new History(3, world.clock);
    history.on(service.shard());
    history.run(150);
    service.shard().awaitDurable();
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private Path scratch() {
    return folder.resolve("scratch");
  }

  private DrillRecord drill(Bucket from, LiveDigests live, Consumer<Rebuild.Phase> during)
      throws UnavailableException {
    Rebuild.Progress progress =
        new Rebuild.Progress() {
          @Override
          public void at(Rebuild.Phase phase, long done, long all, long records) {
            during.accept(phase);
          }

          @Override
          public void inOrder(String why) {
            inOrder.add(why);
          }
        };
    return new Drill(
            world.terms(from, SEGMENT_LENGTH),
            indexes,
            scratch(),
            FILE_RECORDS,
            live,
            Pace.full(world.clock, isStopped::get),
            progress,
            Timeline.in(folder, world.clock, "drill"))
        .run();
  }

  private LiveDigests live() {
    return new LiveDigests() {
      @Override
      public Map<SegmentId, StateDigest> recent() {
        return service.shard().digests().all();
      }

      @Override
      public Optional<SegmentId> durable() throws HoldfastException {
        return service.shard().durable(rows -> rows.position()).lastSegment(0);
      }
    };
  }

  @Test
  void theStateIsTheLiveOneAndNothingIsLeftBehind() throws Exception {
    DrillRecord found = drill(bucket, live(), _ -> {});
    assertThat(found.result()).isEqualTo(Result.EQUAL);
    assertThat(found.why()).isEmpty();
    assertThat(inOrder).isEmpty();
    List<SegmentId> log = World.counted(bucket);
    assertThat(found.work().segments()).isEqualTo(log.size());
    assertThat(found.work().gets()).isGreaterThanOrEqualTo(log.size());
    assertThat(found.work().lists()).isPositive();
    assertThat(found.work().records()).isEqualTo(service.shard().position().nextRecord() - 1);
    long bytes = 0;
    for (SegmentId id : log) {
      bytes += World.reader(bucket).header(id).orElseThrow().headerLength();
    }
    assertThat(found.work().headerBytes()).isEqualTo(bytes);
    assertThat(found.work().readBytes()).isGreaterThanOrEqualTo(bytes);
    assertThat(scratch()).doesNotExist();
  }

  @Test
  void withoutAServerTheDigestsOfTheLogAreTheProof() throws Exception {
    assertThat(drill(bucket, LiveDigests.NONE, _ -> {}).result()).isEqualTo(Result.PROVEN);
  }

  /// Backups, deletions and cleaning, while headers are read and after.
  @Test
  void theServerWorksOnMeanwhile() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    for (int round = 0; round < 6; round++) {
      int every = 5 + round;
      int[] phases = new int[Rebuild.Phase.values().length];
      DrillRecord found =
          drill(
              bucket,
              live(),
              phase -> {
                if (phases[phase.ordinal()]++ % (every * 10) == every) {
                  calls.incrementAndGet();
                  work();
                }
              });
      assertThat(found.result()).as(found.why()).isEqualTo(Result.EQUAL);
    }
    assertThat(calls.get()).isGreaterThan(10);
    assertThat(world.stopped).isEmpty();
  }

  @Test
  void whatIsWrittenBeforeTheLogIsListedIsComparedToo() throws Exception {
    assertThat(drill(bucket, busy(this::write), _ -> {}).result()).isEqualTo(Result.EQUAL);
    assertThat(inOrder).as("by sorting").isEmpty();
    assertThat(drill(bucket, busy(this::work), _ -> {}).result()).isEqualTo(Result.EQUAL);
    assertThat(inOrder).as("segments are cleaned meanwhile: in order").hasSize(1);
  }

  /// Between the drill's two first looks something is done.
  private LiveDigests busy(Runnable work) {
    return new LiveDigests() {
      @Override
      public Map<SegmentId, StateDigest> recent() throws HoldfastException {
        return live().recent();
      }

      @Override
      public Optional<SegmentId> durable() throws HoldfastException {
        Optional<SegmentId> durable = live().durable();
        work.run();
        return durable;
      }
    };
  }

  @Test
  void whatAKilledDrillHasLeftIsNotTakenForItsOwn() throws Exception {
    Files.createDirectories(scratch().resolve("rebuild/blocks-0"));
    try (Index left = RocksIndex.open(scratch().resolve("index"))) {
      World.replay(bucket, left);
      left.flush();
    }
    assertThat(drill(bucket, live(), _ -> {}).result()).isEqualTo(Result.EQUAL);
  }

  /// A disk says nothing of the log.
  @Test
  void aDiskThatIsFullCutsADrillShort() throws Exception {
    indexes = path -> new FullDisk(RocksIndex.openSmall(path));
    assertThatThrownBy(() -> drill(bucket, live(), _ -> {}))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("fails or is full");
    assertThat(scratch()).doesNotExist();
  }

  private void write() {
    try {
      history.run(10);
      service.shard().awaitDurable();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void work() {
    try {
      history.run(10);
      Cleaner cleaner = service.shard().cleaner().orElseThrow();
      List<SegmentId> log = World.counted(bucket);
      for (SegmentId each : log.subList(0, Math.min(5, log.size()))) {
        cleaner.clean(each);
      }
      service.shard().awaitDurable();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aStateThatIsNotTheLiveOneIsFound() throws Exception {
    LiveDigests other =
        new LiveDigests() {
          @Override
          public Map<SegmentId, StateDigest> recent() throws HoldfastException {
            Map<SegmentId, StateDigest> wrong = new HashMap<>(live().recent());
            wrong.replaceAll((_, digest) -> digest.plus(new StateDigest(0, 1)));
            return wrong;
          }

          @Override
          public Optional<SegmentId> durable() throws HoldfastException {
            return live().durable();
          }
        };
    DrillRecord found = drill(bucket, other, _ -> {});
    assertThat(found.result()).isEqualTo(Result.DIFFERENT);
    assertThat(found.why()).contains("the live state's digest was");
    assertThat(scratch()).doesNotExist();
  }

  @Test
  void aLogThatLacksASegmentFails() throws Exception {
    List<SegmentId> log = World.counted(bucket);
    bucket.delete(log.get(log.size() / 2).key());
    DrillRecord found = drill(bucket, live(), _ -> {});
    assertThat(found.result()).isEqualTo(Result.FAILED);
    assertThat(found.why()).contains("missing from the bucket");
    assertThat(found.isGood()).isFalse();
  }

  @Test
  void aLogThatHasLostItsEndFails() throws Exception {
    List<SegmentId> log = World.counted(bucket);
    bucket.delete(log.getLast().key());
    DrillRecord found = drill(bucket, live(), _ -> {});
    assertThat(found.result()).isEqualTo(Result.FAILED);
    assertThat(found.why()).contains("ends before");
  }

  @Test
  void aBucketThatIsAwayCutsADrillShortAndSaysNothingOfTheLog() throws Exception {
    FaultyBucket away = new FaultyBucket(bucket).fail(7, Fault.BEFORE);
    assertThatThrownBy(() -> drill(away, live(), _ -> {})).isInstanceOf(UnavailableException.class);
    assertThat(scratch()).doesNotExist();
    assertThat(Files.readString(folder.resolve("timeline"))).contains("drill: CUT SHORT");
  }

  @Test
  void aDrillThatIsStoppedEndsInAnyPhase() throws Exception {
    for (Rebuild.Phase phase :
        List.of(Rebuild.Phase.FETCHING, Rebuild.Phase.SORTING, Rebuild.Phase.LOADING)) {
      isStopped.set(false);
      assertThatThrownBy(() ->
              drill(
                  bucket,
                  live(),
                  each -> {
                    if (each == phase) {
                      isStopped.set(true);
                    }
                  }))
          .as(phase.toString())
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("stopped");
      assertThat(scratch()).doesNotExist();
    }
  }

  @Test
  void oneDrillAtATimeWorksInAFolder() throws Exception {
    DrillRecord found =
        drill(
            bucket,
            live(),
            phase -> {
              if (phase == Rebuild.Phase.LOADING) {
                assertThatThrownBy(() -> drill(bucket, live(), _ -> {}))
                    .hasMessageContaining("in use");
              }
            });
    assertThat(found.result()).isEqualTo(Result.EQUAL);
  }

  @Test
  void itWritesNothingIntoTheBucket() throws Exception {
    int before = bucket.list("", "", 1000).objects().size();
    drill(bucket, live(), _ -> {});
    assertThat(bucket.list("", "", 1000).objects()).hasSize(before);
  }
}
