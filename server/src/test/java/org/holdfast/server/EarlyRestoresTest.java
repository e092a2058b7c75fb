package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LONG;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.server.recovery.LoadedMachines;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.BackgroundJob;
import org.holdfast.server.shard.Pacer;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.DurableState.NamedBlock;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is read of an index that a start makes by sorting (`docs/recovery.md`, "Restores while it
/// recovers").
final class EarlyRestoresTest {
  private static final int SEGMENT_LENGTH = 6000;

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBucket bucket = new MemoryBucket();
  private History history;

  private void makeLog(long seed) throws Exception {
    history = new History(seed, world.clock);
    try (Service service = own("first")) {
      history.on(service.shard());
      history.run(300);
      service.shard().awaitDurable();
    }
  }

  private Service own(String state) throws HoldfastException {
    return Service.own(world.terms(bucket, SEGMENT_LENGTH), folder.resolve(state), world, _ -> {});
  }

  /// With deletions, moves and cleaning. The tail is short: what is complete is all there is.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void completeMachineShowsWhatItShowsWhenAllAreLoaded(long seed) throws Exception {
    makeLog(seed);
    Watch watch = new Watch();
    try (Service service = start(watch)) {
      assertThat(watch.loads).isGreaterThan(3);
      assertThat(watch.seen).isNotEmpty();
      assertThat(watch.early).as("complete before all files are loaded").isPositive();
      watch.seen.forEach(
          (machine, shown) -> assertThat(shown).as("%s", machine).containsOnly(shown.getLast()));
      history.on(service.shard());
      history.check();
      // By who has begun to read before it was whole, too.
      for (MachineId machine : watch.seen.keySet()) {
        assertThat(show(watch.shard, machine)).isEqualTo(show(service.shard(), machine));
      }
    }
  }

  /// Another server has the log while this one recovers, and cleans what this one has not seen.
  @Test
  void indexThatIsOlderThanAHoleIsReadNoMoreBeforeItIsEmptied() throws Exception {
    makeLog(9);
    Watch watch = new Watch();
    watch.beforeItOwns =
        () -> {
          try (Service other = own("other")) {
            SegmentId from = other.shard().position().segmentId(0);
            history.on(other.shard());
            for (int i = 0; i < 40 && !wasCleanedBehind(other, from); i++) {
              history.run(40);
              world.clock.sleepMillis(2 * Service.Terms.GRACE_MILLIS);
              other.shard().freeing().round();
              while (other.shard().cleaner().orElseThrow().round()) {
                // All that is worth it.
              }
            }
            assertThat(wasCleanedBehind(other, from)).isTrue();
            other.shard().awaitDurable();
          }
          assertThat(watch.isServed).isTrue();
        };
    try (Service service = start(watch)) {
      assertThat(watch.told).anyMatch(line -> line.contains("were cleaned"));
      assertThat(watch.isServed).isFalse();
      assertThatThrownBy(() -> watch.shard.durable(DurableState::position))
          .isInstanceOf(UnavailableException.class);
      history.on(service.shard());
      history.check();
    }
  }

  /// A listing does not show that a byte of it is wrong.
  @Test
  void whatAnEarlyRestoreFindsDamagedIsKnownToTheOwner() throws Exception {
    makeLog(10);
    Watch watch = new Watch();
    watch.beforeItOwns =
        () -> {
          MachineId machine = watch.seen.firstKey();
          NamedBlock block = watch.shard.durable(rows -> visible(rows, machine));
          damage(watch.shard.durable(rows -> row(rows, machine, block).orElseThrow()));
          BlockRef ref = new BlockRef(block.kind(), block.name());
          assertThatThrownBy(() -> FetchedBlocks.of(watch.shard, machine, List.of(ref)))
              .isInstanceOf(AssertionError.class);
        };
    try (Service service = start(watch)) {
      assertThat(service.shard().damagedObjects()).isOne();
      assertThat(service.shard().lost().blocks()).isOne();
    }
    assertThat(folder.resolve("second/damaged")).isNotEmptyFile();
  }

  @Test
  void workInTheBackgroundMakesWayForWhoReadsSinceBefore() throws Exception {
    makeLog(11);
    Watch watch = new Watch();
    try (Service service = start(watch)) {
      Pacer pacer = service.shard().pacer();
      pacer.run(BackgroundJob.SCRUB, () -> 0);
      long alone = waitedMillis(pacer);
      List<Long> beside = new ArrayList<>();
      MachineId machine = watch.seen.firstKey();
      NamedBlock block = watch.shard.durable(rows -> visible(rows, machine));
      FetchedBlocks.of(
          watch.shard,
          machine,
          List.of(new BlockRef(block.kind(), block.name())),
          () -> beside.add(waitedMillis(pacer)));
      assertThat(beside).singleElement(LONG).isGreaterThan(5 * alone);
    }
  }

  private static long waitedMillis(Pacer pacer) {
    long before = pacer.progress(BackgroundJob.SCRUB).waitedMillis();
    try {
      pacer.run(BackgroundJob.SCRUB, () -> 0);
    } catch (HoldfastException e) {
      throw new IllegalStateException(e);
    }
    return pacer.progress(BackgroundJob.SCRUB).waitedMillis() - before;
  }

  private static NamedBlock visible(DurableState rows, MachineId machine) throws HoldfastException {
    return rows.blocks(machine, Optional.empty()).stream()
        .filter(each -> row(rows, machine, each).isPresent())
        .findFirst()
        .orElseThrow();
  }

  private static Optional<BlockRow> row(DurableState rows, MachineId machine, NamedBlock block) {
    return rows.visible(machine, block.kind(), block.name(), -1);
  }

  /// Flips a bit of the block.
  private void damage(BlockRow row) throws Exception {
    SegmentId segment = row.segmentId(0);
    int header = World.reader(bucket).header(segment).orElseThrow().headerLength();
    byte[] object = bucket.getWhole(segment.key(), 1 << 20).orElseThrow();
    object[header + row.dataOffset()] ^= 1;
    bucket.delete(segment.key());
    bucket.putIfAbsent(segment.key(), List.of(ByteBuffer.wrap(object)));
  }

  private boolean wasCleanedBehind(Service owner, SegmentId from) throws HoldfastException {
    SegmentId last = owner.shard().position().segmentId(0);
    for (SegmentId id = from.next(); id.compareTo(last) < 0; id = id.next()) {
      if (World.reader(bucket).header(id).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private Service start(Watch watch) throws HoldfastException {
    Service.Terms terms = world.terms(bucket, SEGMENT_LENGTH);
    return Service.start(
        new Service.Terms(
            terms.service(),
            terms.key(),
            terms.bucket(),
            terms.clock(),
            terms.spawner(),
            terms.random(),
            terms.lingerMillis(),
            terms.graceMillis(),
            terms.patienceMillis(),
            terms.indexes(),
            terms.segmentDataLength(),
            LogWriter.IN_FLIGHT_MAX,
            new Sorting(20, 50)),
        folder.resolve("second"),
        AfterCrash.VERIFY,
        watch,
        _ -> {},
        watch);
  }

  /// All that a client of the machine can see, but for where blocks lie.
  private static String show(ShardService shard, MachineId machine) throws HoldfastException {
    return shard.durable(rows -> {
      StringBuilder out = new StringBuilder();
      out.append(rows.archives(machine, Optional.empty(), 1000)).append('\n');
      out.append(rows.deleted(machine, Optional.empty(), 1000)).append('\n');
      out.append(rows.deletions(machine, 0, 1000)).append('\n');
      Optional<NamedBlock> after = Optional.empty();
      for (List<NamedBlock> page = rows.blocks(machine, after);
          !page.isEmpty();
          page = rows.blocks(machine, after)) {
        for (NamedBlock each : page) {
          rows.visible(machine, each.kind(), each.name(), -1)
              .ifPresent(row -> out.append(each).append(' ').append(row.record()).append('\n'));
        }
        after = Optional.of(page.getLast());
      }
      return out.toString();
    });
  }

  private interface Work {
    void run() throws Exception;
  }

  /// Looks at each machine that is complete whenever a file has been loaded.
  private static final class Watch implements Meanwhile, ShardStart.Listener {
    final TreeMap<MachineId, List<String>> seen = new TreeMap<>();
    final List<String> told = new ArrayList<>();
    Work beforeItOwns = () -> {};
    ShardService shard;
    LoadedMachines loaded;
    boolean isServed;
    int loads;
    int early;

    @Override
    public void serves(ShardService reader, LoadedMachines machines) {
      shard = reader;
      loaded = machines;
      isServed = true;
    }

    @Override
    public void servesNoMore() {
      isServed = false;
    }

    @Override
    public boolean mayOwn() {
      try {
        beforeItOwns.run();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      return true;
    }

    @Override
    public void loaded(int filesDone, int filesAll) {
      loads++;
      try {
        for (MachineId machine : shard.read(ShardState::machines).keySet()) {
          if (loaded.isComplete(machine)) {
            early += filesDone < filesAll ? 1 : 0;
            seen.computeIfAbsent(machine, _ -> new ArrayList<>()).add(show(shard, machine));
          }
        }
      } catch (HoldfastException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void discarded(String reason) {
      told.add(reason);
    }
  }
}
