package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.alert.AlertWatch;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.DrillRecord.Result;
import org.holdfast.server.session.Limits;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.BackgroundMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScheduledDrillTest {
  private static final int SEGMENT_LENGTH = 6000;
  private static final long DAY_MILLIS = 24L * 3600 * 1000;
  private static final long PERIOD_MILLIS = 30 * DAY_MILLIS;
  private static final long LONG_AGO = 1L << 40;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private final FaultyBucket faulty = new FaultyBucket(bucket);
  private Service service;
  private ScheduledDrill drill;

  @BeforeEach
  void makeLog() throws Exception {
    service = world.own(faulty, folder, SEGMENT_LENGTH);
    History history = new History(5, world.clock);
    history.on(service.shard());
    history.run(150);
    service.shard().awaitDurable();
    drill =
        new ScheduledDrill(
            world.terms(faulty, SEGMENT_LENGTH), service.shard(), folder, PERIOD_MILLIS);
  }

  @AfterEach
  void stop() throws Exception {
    service.close();
  }

  private List<DrillRecord> results() throws Exception {
    return new DrillBook(folder).all();
  }

  private boolean isDue() {
    return drill.isDue(LONG_AGO);
  }

  @Test
  void aLogThatIsTooLongForTheMemoryOfADrillIsRefused() throws Exception {
    assertThat(ScheduledDrill.memoryBytes(67_000)).isLessThanOrEqualTo(BackgroundMemory.JOB_BYTES);
    assertThatThrownBy(() -> ScheduledDrill.memoryBytes(67_200))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("run `holdfast drill` now");
  }

  @Test
  void aDrillIsDueAfterThePeriodAndItsResultIsKept() throws Exception {
    assertThat(drill.isDue(0)).as("right after a start").isFalse();
    assertThat(isDue()).isTrue();
    assertThat(drill.watch().report().last()).isEmpty();
    drill.round();
    assertThat(results())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.result()).isEqualTo(Result.EQUAL);
          assertThat(found.isGentle()).isTrue();
          assertThat(found.work().segments()).isEqualTo(World.counted(bucket).size());
        });
    assertThat(isDue()).isFalse();
    world.clock.sleepMillis(PERIOD_MILLIS - DAY_MILLIS);
    assertThat(isDue()).isFalse();
    assertThat(drill.watch().report().noGoodMillis())
        .isBetween(PERIOD_MILLIS - DAY_MILLIS, PERIOD_MILLIS);
    world.clock.sleepMillis(DAY_MILLIS);
    assertThat(isDue()).isTrue();
    assertThat(service.shard().memory().heldBytes()).isZero();
    assertThat(folder.resolve("drill")).doesNotExist();
    assertThat(service.shard().pacer().progress(BackgroundJob.DRILL).ends()).isEqualTo(1);
  }

  @Test
  void itWorksAFifthOfTheTimeAndCountsWhatItHasWorked() throws Exception {
    long start = world.clock.wallMillis();
    drill.round();
    long pieces = service.shard().pacer().progress(BackgroundJob.DRILL).pieces();
    // Each piece takes no time by this clock: it counts as one of a millisecond.
    assertThat(pieces).isGreaterThan(2L * World.counted(bucket).size());
    assertThat(world.clock.wallMillis() - start).isGreaterThanOrEqualTo(pieces * 4 - 4);
    DrillRecord.Work work = results().getFirst().work();
    assertThat(work.fetchMillis() + work.replayMillis()).isLessThan(pieces);
  }

  @Test
  void aDrillThatFailsIsKeptAndTheNextIsSoon() throws Exception {
    List<SegmentId> log = World.counted(bucket);
    byte[] lost = bucket.getWhole(log.get(3).key(), 1 << 20).orElseThrow();
    bucket.delete(log.get(3).key());
    drill.round();
    assertThat(results()).singleElement().satisfies(found -> assertThat(found.isGood()).isFalse());
    assertThat(drill.watch().report().last().orElseThrow().why()).contains(log.get(3).key());
    assertThat(isDue()).isFalse();
    world.clock.sleepMillis(DAY_MILLIS);
    assertThat(isDue()).isTrue();
    bucket.putIfAbsent(log.get(3).key(), List.of(ByteBuffer.wrap(lost)));
    drill.round();
    assertThat(results()).extracting(DrillRecord::result).endsWith(Result.EQUAL);
    assertThat(world.stopped).as("the live log").isEmpty();
  }

  @Test
  void aDrillThatIsCutShortSaysNothingAndBeginsAgainLater() throws Exception {
    faulty.fail(faulty.calls() + 9, Fault.BEFORE);
    assertThatThrownBy(drill::round).isInstanceOf(UnavailableException.class);
    assertThat(results()).isEmpty();
    assertThat(service.shard().pacer().progress(BackgroundJob.DRILL).failures()).isEqualTo(1);
    assertThat(drill.isDue(120_000)).isFalse();
    assertThat(drill.isDue(3_600_000)).isTrue();
    drill.round();
    assertThat(results()).hasSize(1);
  }

  @Test
  void aDrillThatIsSwitchedOffEndsAndLeavesNothing() throws Exception {
    service.shard().pacer().hold(BackgroundJob.DRILL);
    assertThatThrownBy(drill::round).hasMessageContaining("switched off");
    assertThat(folder.resolve("drill")).doesNotExist();
    service.shard().pacer().resume(BackgroundJob.DRILL);
    drill.round();
    assertThat(results()).hasSize(1);
  }

  @Test
  void whatAKilledDrillHasLeftIsClearedAtTheStart() throws Exception {
    Files.createDirectories(folder.resolve("drill").resolve("index"));
    Files.writeString(folder.resolve("drill").resolve("index").resolve("1.sst"), "rows");
    drill.clear();
    assertThat(folder.resolve("drill")).doesNotExist();
  }

  @Test
  void theTimelineSaysWhatADrillDid() throws Exception {
    drill.round();
    List<String> lines = new ArrayList<>(Files.readAllLines(folder.resolve("timeline")));
    assertThat(lines.getFirst()).endsWith(" drill in the background: begun");
    assertThat(lines).anyMatch(line -> line.contains("reading headers ended, "));
    assertThat(lines.getLast()).endsWith(" drill in the background: ended, equal");
    assertThat(lines).allMatch(line -> line.matches("20\\d\\d-\\d\\d-\\d\\dT[0-9:.]+Z .*"));
  }

  private StatusReport status() {
    Sessions sessions =
        new Sessions(
            service.shard(),
            World.SERVICE,
            ServerMode.ALL,
            Limits.DEFAULT,
            world.clock,
            Spawner.virtual());
    Buckets buckets =
        new Buckets(world.clock, Client.RANDOM, Spawner.virtual(), S3Settings.of(Map.of()));
    return new StatusReport(
        service.shard(),
        sessions,
        buckets.meter(),
        false,
        () -> Optional.of(drill.watch()),
        Optional::empty,
        Optional::empty);
  }

  @Test
  void statusShowsTheLastDrill() throws Exception {
    assertThat(status().figures())
        .containsEntry("drill_period_seconds", String.valueOf(PERIOD_MILLIS / 1000))
        .doesNotContainKeys("drill_ago_seconds", "drill_result");
    drill.round();
    world.clock.sleepMillis(3 * DAY_MILLIS);
    assertThat(status().figures())
        .containsEntry("drill_ago_seconds", String.valueOf(3 * 86_400))
        .containsEntry("drill_no_good_seconds", String.valueOf(3 * 86_400))
        .containsEntry("drill_result", "equal")
        .containsEntry("drill_rounds", "1")
        .containsEntry("drill_records", String.valueOf(service.shard().position().nextRecord() - 1))
        .doesNotContainKey("drill_why");
  }

  @Test
  void aDrillThatFailsIsAlertedAndSoIsOneThatDoesNotCome() throws Exception {
    bucket.delete(World.counted(bucket).get(3).key());
    drill.round();
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    long start = world.clock.wallMillis();
    try (var _ = AlertWatch.start(status()::figures, told::add, new Days(), Spawner.virtual())) {
      assertThat(next(told, "drill has FAILED")).contains("missing from the bucket");
      assertThat(next(told, "no drill has come")).containsPattern("good end for 9[01] days");
      assertThat(world.clock.wallMillis() - start).isGreaterThanOrEqualTo(3 * PERIOD_MILLIS);
    }
  }

  private static String next(BlockingQueue<String> told, String what) throws Exception {
    String lines = told.take();
    while (!lines.contains(what)) {
      lines = told.take();
    }
    return lines;
  }

  /// Who sleeps does so for a day.
  private final class Days implements Clock {
    @Override
    public long wallMillis() {
      return world.clock.wallMillis();
    }

    @Override
    public long nanos() {
      return world.clock.nanos();
    }

    @Override
    public void sleepMillis(long millis) throws InterruptedException {
      world.clock.sleepMillis(DAY_MILLIS);
    }
  }
}
