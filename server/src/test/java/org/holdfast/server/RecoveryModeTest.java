package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Spawner;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.CountedIndexes;
import org.holdfast.server.journal.Timeline;
import org.holdfast.server.shard.BackgroundJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A rebuild pauses for nobody and syncs at its end, whatever the log's length. A server in service
/// does both otherwise: what it acknowledges is on the disk, and background work pauses.
@Timeout(120)
class RecoveryModeTest {
  private static final int SEGMENT_LENGTH = 600;

  @TempDir Path folder;

  private final World world = new World();

  @Test
  void aRebuildSyncsAsOftenForALongLogAsForAShortOne() throws Exception {
    for (boolean inOrder : new boolean[] {false, true}) {
      Syncs few = rebuild(bucket("few" + inOrder, 100), "few" + inOrder, inOrder);
      Syncs many = rebuild(bucket("many" + inOrder, 1000), "many" + inOrder, inOrder);
      assertThat(many.segments).isGreaterThan(4 * few.segments);
      assertThat(many.with(few.segments)).isEqualTo(few);
      assertThat(many.logSyncs).isZero();
      assertThat(many.flushes).as("of all rows, at the end").isEqualTo(1);
      assertThat(many.files).isLessThan(many.segments / 4);
    }
  }

  /// Time passes only when somebody sleeps.
  @Test
  void aRebuildPausesForNobodyAndADrillBesideClientsDoes() throws Exception {
    MemoryBucket bucket = bucket("log", 300);
    long before = world.clock.wallMillis();
    rebuild(bucket, "sorted", false);
    rebuild(bucket, "ordered", true);
    assertThat(world.clock.wallMillis()).isEqualTo(before);
    try (Service service = world.own(bucket, folder.resolve("server"), SEGMENT_LENGTH)) {
      service.shard().awaitDurable();
      long start = world.clock.wallMillis();
      new ScheduledDrill(
              world.terms(bucket, SEGMENT_LENGTH), service.shard(), folder.resolve("server"), 1)
          .round();
      assertThat(service.shard().pacer().progress(BackgroundJob.DRILL).ends()).isEqualTo(1);
      assertThat(world.clock.wallMillis() - start).isGreaterThan(World.counted(bucket).size());
    }
  }

  /// Who switched background work off, or whose disk is nearly full, can rebuild all the same.
  @Test
  void aServerInServiceSyncsWhatItAcknowledges() throws Exception {
    Path place = folder.resolve("bucket");
    CountedIndexes indexes = new CountedIndexes();
    Buckets buckets =
        new Buckets(world.clock, Client.RANDOM, Spawner.virtual(), S3Settings.of(Map.of()));
    try (Bucket bucket =
            buckets.openOrCreate(BucketAddress.parse("dir:" + place), SegmentId.PREFIX);
        Service service =
            Service.own(
                world.terms(bucket, SEGMENT_LENGTH, indexes),
                folder.resolve("state"),
                world,
                world.stopped::add)) {
      History history = new History(3, world.clock);
      history.on(service.shard());
      history.run(20);
      service.shard().awaitDurable();
      long tablesBefore = indexes.tableSyncs();
      for (int round = 0; round < 5; round++) {
        int segments = World.counted(bucket).size();
        try (Forces forces = Forces.begin(folder.resolve("forces.jfr"))) {
          history.run(5);
          service.shard().awaitDurable();
          int more = World.counted(bucket).size() - segments;
          assertThat(more).isPositive();
          List<String> forced = forces.below(place);
          // Its file before it has its name, and the folder when it has.
          assertThat(forced.stream().filter(path -> path.contains("/.tmp/")).count())
              .isGreaterThanOrEqualTo(more);
          assertThat(forced.stream().filter(path -> path.contains("/log/")).count())
              .isGreaterThanOrEqualTo(more);
        }
      }
      assertThat(indexes.tableSyncs()).as("the index is a cache").isEqualTo(tablesBefore);
      assertThat(indexes.logSyncs()).isZero();
    }
  }

  /// The same machines each time, that do so many things.
  private MemoryBucket bucket(String name, int steps) throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    try (Service service = world.own(bucket, folder.resolve(name + ".state"), SEGMENT_LENGTH)) {
      History history = new History(5, world.clock);
      history.on(service.shard());
      history.run(steps);
    }
    return bucket;
  }

  private Syncs rebuild(Bucket bucket, String name, boolean inOrder) throws Exception {
    Path state = folder.resolve(name);
    CountedIndexes indexes = new CountedIndexes();
    Timeline timeline = Timeline.in(state, world.clock, "rebuild");
    try (Forces forces = Forces.begin(folder.resolve("forces.jfr"))) {
      Rebuild.Report report =
          new Rebuild(
                  world.terms(bucket, SEGMENT_LENGTH, indexes),
                  state,
                  Rebuild.Progress.NONE,
                  timeline)
              .run(Rebuild.How.of(false, false, inOrder));
      return new Syncs(
          report.segments(),
          forces.below(state).size(),
          indexes.files(),
          indexes.flushes(),
          indexes.tableSyncs(),
          indexes.logSyncs());
    }
  }

  /// What a rebuild has synced.
  ///
  /// @param forced files and folders by Java
  /// @param files of sorted rows
  private record Syncs(
      int segments, int forced, int files, int flushes, long tableSyncs, long logSyncs) {
    Syncs with(int otherSegments) {
      return new Syncs(otherSegments, forced, files, flushes, tableSyncs, logSyncs);
    }
  }
}
