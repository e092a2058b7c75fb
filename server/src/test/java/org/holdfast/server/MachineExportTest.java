package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.server.export.ExportProgress;
import org.holdfast.server.export.ExportReport;
import org.holdfast.server.export.MachineExport;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.ArchiveRow;
import org.holdfast.server.state.DurableState.NamedBlock;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.ShardState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is exported of a machine is what a server shows of it, and nothing of others.
final class MachineExportTest {
  private static final int SEGMENT_LENGTH = 4000;

  @TempDir Path folder;
  private final World world = new World();
  private final GatedBucket bucket = new GatedBucket(new MemoryBucket());
  private final ExportProgress progress = new ExportProgress();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void ofARandomHistoryEachMachineIsExportedAsItIsShown(long seed) throws Exception {
    try (Service service = live(seed, 300)) {
      cleanSome(service, seed);
      for (MachineId machine : machines(service.shard()).keySet()) {
        ExportReport report = export().run(machine.toString(), folder.resolve("to " + machine));
        checkSame(service.shard(), machine, report);
      }
    }
  }

  private void checkSame(ShardService from, MachineId machine, ExportReport report)
      throws Exception {
    Path to = folder.resolve("to " + machine);
    assertThat(report.isComplete()).isTrue();
    assertThat(report.damaged()).isEmpty();
    try (Service there = open(to)) {
      ShardService shard = there.shard();
      assertThat(machines(shard).keySet()).containsExactly(machine);
      assertThat(archives(shard, machine)).isEqualTo(archives(from, machine));
      assertThat(report.archives()).isEqualTo(archives(from, machine).size());
      Map<BlockRef, Bytes> blocks = blocks(shard, machine);
      assertThat(blocks).isEqualTo(blocks(from, machine));
      assertThat(report.blocks()).isGreaterThanOrEqualTo(blocks.size());
      assertThat(World.live(there)).isEqualTo(report.bytes());
      checkRow(
          machines(shard).get(machine),
          machines(from).get(machine),
          archives(shard, machine),
          report);
    }
    for (MachineId other : machines(from).keySet()) {
      boolean isThis = other.equals(machine);
      assertThat(holds(to, other.bytes())).as("machine").isEqualTo(isThis);
      MachineRow row = machines(from).get(other);
      // A machine that was moved is not told whose it was.
      boolean isIts = row.account().equals(machines(from).get(machine).account());
      assertThat(holds(to, row.account().bytes())).as("account").isEqualTo(isIts);
      for (BlockRef ref : isThis ? List.<BlockRef>of() : refs(from, other)) {
        assertThat(holds(to, ref.name().bytes())).as("a block of another").isFalse();
      }
    }
  }

  private static void checkRow(
      MachineRow row,
      MachineRow before,
      SortedMap<BlockName, ArchiveRow> archives,
      ExportReport report) {
    assertThat(row.open().isNone()).isTrue();
    assertThat(row.blocks()).isEqualTo(report.blocks());
    assertThat(row.bytes()).isEqualTo(report.bytes());
    assertThat(row.keys()).isEqualTo(before.keys());
    assertThat(row.committed()).isEqualTo(before.committed());
    // What an open backup has left so far is the machine's last, as if it were over.
    Optional<Map.Entry<BlockName, ArchiveRow>> partial =
        archives.entrySet().stream()
            .filter(each -> each.getValue().begun() == before.open().begun())
            .findAny();
    assertThat(row.sequence())
        .isEqualTo(partial.map(each -> each.getValue().sequence()).orElse(before.sequence()));
    assertThat(row.lastRoot()).isEqualTo(partial.map(Map.Entry::getKey).orElse(before.lastRoot()));
  }

  @Test
  void whatAServerCleansMeanwhileIsLookedForAgain() throws Exception {
    try (Service service = live(3, 200)) {
      MachineId machine = busiest(service.shard());
      AtomicBoolean hasCleaned = new AtomicBoolean();
      bucket.afterGet =
          () -> {
            if (progress.bytesTotal() > 0 && !hasCleaned.getAndSet(true)) {
              cleanAll(service);
            }
          };
      ExportReport report = export().run(machine.toString(), folder.resolve("to " + machine));
      assertThat(hasCleaned).isTrue();
      checkSame(service.shard(), machine, report);
    }
  }

  /// As a disk may lose it on its way.
  @Test
  void anExportThatLacksAnyOfItsObjectsIsRefused() throws Exception {
    Path to = folder.resolve("to");
    try (Service service = live(4, 150)) {
      export().run(busiest(service.shard()).toString(), to);
    }
    open(to).close();
    List<Path> objects = files(to.resolve("log"));
    assertThat(objects).hasSizeGreaterThan(3);
    for (Path each : objects) {
      Path away = Files.move(each, folder.resolve("away"));
      assertThatThrownBy(() -> open(to))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("is missing from the bucket");
      Files.move(away, each);
    }
    open(to).close();
  }

  @Test
  void anExportThatIsStoppedIsNoBucket() throws Exception {
    Path to = folder.resolve("to");
    try (Service service = live(5, 200)) {
      String machine = busiest(service.shard()).toString();
      MachineExport export = export();
      bucket.afterGet =
          () -> {
            if (progress.bytes() > 2 * SEGMENT_LENGTH) {
              export.stop();
            }
          };
      assertThatThrownBy(() -> export.run(machine, to)).isInstanceOf(UnavailableException.class);
      assertThat(export.hasLeftSomething()).isTrue();
      assertThatThrownBy(() -> open(to))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("never finished");
      assertThatThrownBy(() -> export().run(machine, to)).hasMessageContaining("never finished");
      // Nor is what is there, without the mark.
      Files.delete(to.resolve("export-unfinished"));
      assertThatThrownBy(() -> open(to)).isInstanceOf(CorruptException.class);
      assertThat(folder.resolve("scratch")).doesNotExist();
    }
  }

  @Test
  void aDamagedBlockIsNamedAndAllElseIsThere() throws Exception {
    Path to = folder.resolve("to");
    MemoryBucket memory = new MemoryBucket();
    try (Service service = live(memory, 6, 150)) {
      MachineId machine = busiest(service.shard());
      Map<BlockRef, Bytes> blocks = blocks(service.shard(), machine);
      BlockRef lost = blocks.keySet().iterator().next();
      var row =
          service
              .shard()
              .durable(rows -> rows.visible(machine, lost.blockClass(), lost.name(), 0))
              .orElseThrow();
      SegmentId segment = row.segmentId(0);
      int header =
          service.shard().durable(rows -> rows.segment(segment)).orElseThrow().headerLength();
      byte[] object = memory.getWhole(segment.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
      object[header + row.dataOffset()] ^= 1;
      memory.delete(segment.key());
      memory.putIfAbsent(segment.key(), List.of(ByteBuffer.wrap(object)));
      ExportReport report = export(memory).run(machine.toString(), to);
      assertThat(report.isComplete()).isFalse();
      assertThat(report.blocksLost()).isEqualTo(1);
      assertThat(report.damaged()).singleElement().asString().contains(segment.key());
      try (Service there = open(to)) {
        blocks.remove(lost);
        assertThat(blocks(there.shard(), machine)).isEqualTo(blocks);
      }
    }
  }

  @Test
  void whatIsRefusedLeavesNothing() throws Exception {
    Path to = folder.resolve("to");
    try (Service service = live(7, 150)) {
      assertThat(machines(service.shard())).hasSizeGreaterThan(1);
      assertThatThrownBy(() -> export().run("nobody", to)).hasMessageContaining("machine list");
      assertThat(to).isEmptyDirectory();
      assertThatThrownBy(() -> export().run("machine", to)).hasMessageContaining("by its id");
      assertThat(to).isEmptyDirectory();
      Files.createFile(to.resolve("something"));
      String id = machines(service.shard()).firstKey().toString();
      assertThatThrownBy(() -> export().run(id, to)).hasMessageContaining("not empty (something)");
      export().run(id.substring(0, 12), folder.resolve("new/one"));
      open(folder.resolve("new/one")).close();
    }
  }

  private Service live(long seed, int steps) throws Exception {
    return live(bucket, seed, steps);
  }

  private Service live(Bucket in, long seed, int steps) throws Exception {
    Service service = world.own(in, folder.resolve("state"), SEGMENT_LENGTH);
    History history = new History(seed, world.clock);
    history.on(service.shard());
    history.run(steps);
    service.shard().awaitDurable();
    history.check();
    return service;
  }

  private void cleanSome(Service service, long seed) throws HoldfastException {
    int each = 0;
    for (SegmentId id : World.counted(bucket)) {
      if (each++ % 3 == seed % 3) {
        service.shard().cleaner().orElseThrow().clean(id);
      }
    }
  }

  private void cleanAll(Service service) {
    try {
      for (SegmentId id : World.counted(bucket)) {
        service.shard().cleaner().orElseThrow().clean(id);
      }
    } catch (HoldfastException e) {
      throw new AssertionError(e);
    }
  }

  private MachineExport export() {
    return export(bucket);
  }

  private MachineExport export(Bucket from) {
    return new MachineExport(
        world.terms(from, SEGMENT_LENGTH), folder.resolve("scratch"), progress);
  }

  private Service open(Path exported) throws HoldfastException {
    Buckets buckets =
        new Buckets(world.clock, new SecureRandom(), Spawner.virtual(), S3Settings.of(Map.of()));
    Bucket copy = buckets.openToRead(BucketAddress.parse("dir:" + exported));
    return Service.readOnly(world.terms(copy), new MemoryIndex(), ShardStart.Listener.NONE);
  }

  private static SortedMap<MachineId, MachineRow> machines(ShardService shard)
      throws HoldfastException {
    return shard.read(ShardState::machines);
  }

  /// That with the most blocks which can be seen.
  private static MachineId busiest(ShardService shard) throws HoldfastException {
    MachineId busiest = machines(shard).firstKey();
    for (MachineId each : machines(shard).keySet()) {
      if (blocks(shard, each).size() > blocks(shard, busiest).size()) {
        busiest = each;
      }
    }
    return busiest;
  }

  private static SortedMap<BlockName, ArchiveRow> archives(ShardService shard, MachineId machine)
      throws HoldfastException {
    return shard.durable(rows -> rows.archives(machine, Optional.empty(), 1000));
  }

  private static List<BlockRef> refs(ShardService shard, MachineId machine)
      throws HoldfastException {
    List<NamedBlock> all = new ArrayList<>();
    List<NamedBlock> page;
    do {
      Optional<NamedBlock> after = all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
      page = shard.durable(rows -> rows.blocks(machine, after));
      all.addAll(page);
    } while (!page.isEmpty());
    return all.stream().map(each -> new BlockRef(each.kind(), each.name())).toList();
  }

  /// Those that a client is given, with what it is given.
  private static Map<BlockRef, Bytes> blocks(ShardService shard, MachineId machine)
      throws HoldfastException {
    Map<BlockRef, Bytes> found = new HashMap<>();
    FetchedBlocks.of(shard, machine, refs(shard, machine))
        .forEach((ref, bytes) -> found.put(ref, Bytes.wrap(bytes)));
    return found;
  }

  private static boolean holds(Path in, Bytes what) throws Exception {
    String wanted = new String(what.toArray(), StandardCharsets.ISO_8859_1);
    for (Path each : files(in)) {
      if (Files.readString(each, StandardCharsets.ISO_8859_1).contains(wanted)) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> files(Path in) throws Exception {
    try (Stream<Path> files = Files.walk(in)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
