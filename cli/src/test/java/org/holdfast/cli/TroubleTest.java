package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.locks.LockSupport;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.Hedging;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.cli.roundtrip.InProcess;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.Service;
import org.holdfast.server.alert.AlertCommand;
import org.holdfast.server.alert.AlertWatch;
import org.holdfast.server.drill.DrillBook;
import org.holdfast.server.drill.DrillRecord;
import org.holdfast.server.drill.DrillWatch;
import org.holdfast.server.image.ImageAge;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.session.StatusReport;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.DiskWatch;
import org.holdfast.server.shard.Scrub;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A service to which everything happens that its figures tell of, and what reaches a person and
/// the operator's command of it: a figure has one name, from who counts to who reads.
@Timeout(120)
final class TroubleTest {
  private static final long DAY_MILLIS = 86_400_000;

  /// More than any disk has.
  private static final DiskWatch.Marks FULL = new DiskWatch.Marks(1L << 60, 1L << 60);

  private static final StatusReport.Pairing ALONE =
      new StatusReport.Pairing(Optional.of("b:7420"), "silent", Optional.empty());

  private static final StatusReport.ImageReport IMAGES =
      new StatusReport.ImageReport(1000, Optional.of(new ImageAge(1000, 1, 0)));

  /// What `docs/operations.md` promises to scripts. Here nothing tells of a disk's trend.
  private static final Set<String> ALWAYS =
      Set.of(
          ("role partner partner_state sessions epoch segment records digest backups obstacle"
               + " damaged_objects lost_blocks lost_objects lost_objects_bytes kept_objects"
               + " kept_bytes header_bytes live_bytes garbage_bytes cleaned_segments moved_bytes"
               + " given_back_bytes given_back_bytes_an_hour deletions_undoable"
               + " deletions_held_seconds clock_jump_seconds transactions_to_free blocks_to_free"
               + " bytes_to_free freed_blocks freed_bytes waiting_for_room waiting_in_background"
               + " waiting_for_durable segments_on_their_way memory_log_bytes memory_store_bytes"
               + " memory_store_limit_bytes memory_fetch_bytes memory_fetch_limit_bytes"
               + " memory_request_bytes memory_request_limit_bytes memory_background_bytes"
               + " memory_background_limit_bytes scrub_seconds scrub_read_bytes scrub_left_bytes"
               + " scrub_ended_ago_seconds disk disk_free_bytes disk_low_bytes disk_high_bytes"
               + " defect_report bucket_seconds bucket_gets bucket_puts bucket_lists bucket_deletes"
               + " bucket_bytes_read bucket_bytes_written bucket_retries bucket_given_up"
               + " bucket_hedges bucket_failed_other bucket_unusual_other_ppm month_requests_micros"
               + " month_storage_micros drill_period_seconds drill_no_good_seconds"
               + " drill_ago_seconds drill_result drill_records drill_records_a_second drill_why"
               + " image_period_seconds image_ago_seconds image_bytes image_behind_records"
               + " overrides last_override")
              .split(" "));

  private static final Set<String> OF_A_JOB =
      Set.of(
          "worked_ms",
          "waited_ms",
          "rounds",
          "failures",
          "failures_in_a_row",
          "rounds_of_late",
          "failures_of_late",
          "memory_bytes",
          "held");

  @TempDir Path home;

  private final JumpingClock clock = new JumpingClock();
  private final MemoryBucket memory = new MemoryBucket();
  private final FaultyBucket bucket = new FaultyBucket(memory);
  private ServerConfig config;
  private Service service;
  private Sessions sessions;
  private StatusReport status;

  @BeforeEach
  void begin() throws Exception {
    Path files = Files.createDirectories(home.resolve("files"));
    Files.write(files.resolve("one"), new byte[200_000]);
    try (InProcess first = InProcess.start(memory, home.resolve("state"))) {
      first.backup(first.register(), home.resolve("cache"), files);
    }
    Path file = home.resolve("server.conf");
    Files.writeString(
        file,
        """
        bucket = dir:bucket
        state = state
        secrets = secrets
        s3-retry-time = 200
        alert-command = cat >'%1$s.new' && mv '%1$s.new' '%1$s'
        """
            .formatted(home.resolve("told")));
    config = ServerConfig.read(file, Map.of());
    Buckets buckets = new Buckets(clock, InProcess.RANDOM, InProcess.SPAWNER, config.s3());
    Service.Terms terms =
        new Service.Terms(
            InProcess.SERVICE,
            InProcess.KEY,
            buckets.layered(bucket, Hedging.USUAL),
            clock,
            InProcess.SPAWNER,
            InProcess.RANDOM,
            0,
            0,
            RocksIndex::open);
    Files.writeString(
        config.state().resolve("overrides"), "2026-03-01T09:14:07Z lost-end: it ends early\n");
    DrillBook drills = new DrillBook(config.state());
    drills.add(
        new DrillRecord(
            clock.wallMillis(),
            DrillRecord.Result.FAILED,
            true,
            DrillRecord.Work.NONE,
            "a header is damaged"));
    service = Service.own(terms, config.state(), ShardStart.Listener.NONE, _ -> {});
    sessions =
        new Sessions(service.shard(), InProcess.SERVICE, ServerMode.ALL, clock, InProcess.SPAWNER);
    DrillWatch drilled = new DrillWatch(drills, clock, DAY_MILLIS);
    status =
        new StatusReport(
            service.shard(),
            sessions,
            buckets.meter(),
            true,
            () -> Optional.of(drilled),
            () -> Optional.of(IMAGES),
            () -> Optional.of(ALONE));
  }

  @AfterEach
  void end() throws Exception {
    sessions.close();
    try {
      service.shard().stop();
      service.close();
    } catch (HoldfastException e) {
      // What waits for the bucket does not become durable any more.
    }
  }

  @Test
  void whateverIsCountedReachesAPersonAndTheAlertCommandByItsName() throws Exception {
    everythingGoesWrong();
    Map<String, String> figures = status.figures();
    assertThat(figures.keySet()).containsExactlyInAnyOrderElementsOf(names());

    Asked byPerson = new Asked(figures);
    List<String> lines = new StatusLines(byPerson).all();
    assertThat(byPerson.inVain).containsExactly("disk_hours_left");
    assertThat(String.join("\n", lines))
        .doesNotContain("?")
        .contains("\ndamaged   1 object, ")
        .contains("\ndeletions none ends for 24 h: the clock is 720 h further")
        .contains("\ncleaning  since the start 0 segments cleaned")
        .contains("\nwork      scrub: 1 round, ", "4 failures, 4 in a row, of late 4 in 5 attempts")
        .contains("; waits: the state folder's disk has ")
        .contains("\ntrouble   ", "; failed requests: other ")
        .contains("\nunusual   other ")
        .contains("\ndrill     30 days ago, ", "FAILED: a header is damaged")
        .contains("\noverrides 1 check", "lost-end: it ends early")
        .contains("partner   b:7420 is silent\n")
        .contains("\ndefect    what was seen is in " + config.state());

    Asked byWatch = new Asked(figures);
    assertThat(told(byWatch))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("backups are not taken: the server has stopped"),
            line -> assertThat(line).matches("\\d+ calls to the bucket failed for all .*"),
            line -> assertThat(line).startsWith("the bucket answers with unusually many failures"),
            line -> assertThat(line).isEqualTo("lost or damaged objects of the log: 1"),
            line -> assertThat(line).startsWith("something happened that should never: "),
            line -> assertThat(line).startsWith("the clock has jumped by 2592000 s: no deletion"),
            line -> assertThat(line).startsWith("free space is short: "),
            line -> assertThat(line).startsWith("no drill has come to a good end for 30 d"),
            line -> assertThat(line).startsWith("a drill has FAILED (failed): a header is"),
            line -> assertThat(line).startsWith("blocks that cannot be restored, as objects "),
            line -> assertThat(line).isEqualTo("nothing is heard of the partner b:7420"),
            line -> assertThat(line).startsWith("scrub has failed 4 times in a row"));
    assertThat(byWatch.inVain).containsExactly("figures");
  }

  private void everythingGoesWrong() throws Exception {
    ShardService shard = service.shard();
    Scrub scrub = shard.scrub().orElseThrow();
    shard.freeing().settle(3_600_000);
    shard.freeing().round();
    shard.cleaner().orElseThrow().round();
    rot();
    scrub.begin(DAY_MILLIS, Optional.empty());
    scrub.round();
    until(() -> shard.lost().blocks() > 0);
    for (int i = 1; i <= 1_000; i++) {
      bucket.fail(bucket.calls() + i, FaultyBucket.Fault.BEFORE);
    }
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(scrub::round).isInstanceOf(UnavailableException.class);
    }
    service.watchDisk(FULL);
    shard.reportDefect(new IllegalStateException("a defect"));
    clock.jumpMillis = 30 * DAY_MILLIS;
  }

  /// The largest object's last byte is one of a block.
  private void rot() throws Exception {
    String key =
        memory.list("", "", 100).objects().stream()
            .max(Comparator.comparingLong(each -> each.length()))
            .orElseThrow()
            .key();
    byte[] bytes = memory.getWhole(key, Bucket.MAX_OBJECT_LENGTH).orElseThrow();
    bytes[bytes.length - 1] ^= 1;
    memory.delete(key);
    memory.putIfAbsent(key, List.of(ByteBuffer.wrap(bytes)));
  }

  private static Set<String> names() {
    Set<String> names = new TreeSet<>(ALWAYS);
    for (BackgroundJob job : BackgroundJob.values()) {
      OF_A_JOB.forEach(each -> names.add(job + "_" + each));
    }
    return names;
  }

  /// What the command of the config is told at the first look.
  private List<String> told(Map<String, String> figures) throws Exception {
    AlertCommand command = new AlertCommand(config.alertCommand().orElseThrow());
    try (AlertWatch _ = AlertWatch.start(() -> figures, command, clock, InProcess.SPAWNER)) {
      until(() -> Files.exists(home.resolve("told")));
    }
    return Files.readAllLines(home.resolve("told"));
  }

  private static void until(Callable<Boolean> holds) throws Exception {
    while (!holds.call()) {
      assertThat(Thread.interrupted()).as("it takes too long").isFalse();
      LockSupport.parkNanos(1_000_000);
    }
  }

  /// Figures, and the names of others that somebody wanted.
  private static final class Asked extends LinkedHashMap<String, String> {
    private static final long serialVersionUID = 1;

    private final Set<String> inVain = new ConcurrentSkipListSet<>();

    Asked(Map<String, String> figures) {
      super(figures);
    }

    @Override
    public boolean containsKey(Object name) {
      return seen(name, super.containsKey(name));
    }

    @Override
    public String get(Object name) {
      seen(name, super.containsKey(name));
      return super.get(name);
    }

    @Override
    public String getOrDefault(Object name, String other) {
      seen(name, super.containsKey(name));
      return super.getOrDefault(name, other);
    }

    private boolean seen(Object name, boolean isThere) {
      if (!isThere) {
        inVain.add((String) name);
      }
      return isThere;
    }
  }

  /// Somebody sets the wall clock.
  private static final class JumpingClock implements Clock {
    private final Clock real = new SystemClock();
    private volatile long jumpMillis;

    @Override
    public long wallMillis() {
      return real.wallMillis() + jumpMillis;
    }

    @Override
    public long nanos() {
      return real.nanos();
    }

    @Override
    public void sleepMillis(long millis) throws InterruptedException {
      real.sleepMillis(millis);
    }
  }
}
