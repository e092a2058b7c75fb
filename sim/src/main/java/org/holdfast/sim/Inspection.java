package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.shard.Cleaner;

/// What is looked at when all is over: the live state, the index row by row, the bucket byte by
/// byte, and what sessions have left behind.
final class Inspection {
  /// Who is gone without a word is missed after two minutes and a half; reads that are given up end
  /// with their last attempt.
  private static final long LEASES_MILLIS_MAX = 600_000;

  /// What is over is noticed within ten minutes, and a deletion's time here is over in two; where
  /// one could not be undone when somebody wanted to, an hour later.
  private static final long FREED_MILLIS_MAX = 5_400_000;

  /// A damaged object is looked at again once a minute.
  private static final long OBSTACLE_MILLIS_MAX = 300_000;

  /// It is looked every 40 s at most whether one is due, and made within some more.
  private static final long IMAGE_MILLIS_MAX = 1_800_000;

  /// What a cleaning goes on for at most that is told to stop, in fair weather.
  private static final long CLEANING_MILLIS_MAX = 60_000;

  private static final int CLASS_AT = 1 + MachineId.LENGTH;

  private final World world;
  private final SimProcess operator;
  private final SimServer server;

  Inspection(World world, SimProcess operator, SimServer server) {
    this.world = world;
    this.operator = operator;
    this.server = server;
  }

  void run() throws HoldfastException, InterruptedException, Violation {
    checkTakesBackups();
    awaitFreed();
    awaitImage();
    endCleaning();
    server.service().shard().awaitDurable();
    StateDigest live = server.digest();
    SimProcess process = world.process("inspector");
    StateDigest found = new Audit(world).digest(process, world.store(), server.disk().copy());
    if (!found.equals(live)) {
      throw new Violation("the live digest is " + live + ", all others are " + found);
    }
    process.kill();
    checkBlocks();
    checkSegments();
    checkTotals();
    checkArchives();
    checkLeases();
  }

  /// What is compared from here on must not change meanwhile: the bucket is ahead of the index as
  /// long as a put is not answered.
  private void endCleaning() throws InterruptedException {
    server.service().shard().cleaner().ifPresent(Cleaner::stop);
    operator.clock().sleepMillis(CLEANING_MILLIS_MAX);
  }

  /// What nobody may bring back any more is freed, after a while.
  private void awaitFreed() throws InterruptedException, Violation {
    long start = operator.clock().nanos();
    while (world.ledger().hasGarbage(server.process().clock().wallMillis())) {
      if ((operator.clock().nanos() - start) / 1_000_000 > FREED_MILLIS_MAX) {
        throw new Violation("in fair weather not all is freed that nobody can bring back");
      }
      operator.clock().sleepMillis(10_000);
    }
  }

  /// Cleaning is held up by nothing that is old: an image follows what is written.
  private void awaitImage() throws HoldfastException, InterruptedException, Violation {
    long start = operator.clock().nanos();
    while (server.chores().orElseThrow().isImageDue()) {
      if ((operator.clock().nanos() - start) / 1_000_000 > IMAGE_MILLIS_MAX) {
        throw new Violation("in fair weather no image is made");
      }
      operator.clock().sleepMillis(10_000);
    }
  }

  /// What was damaged is whole again, and noticed to be.
  private void checkTakesBackups() throws HoldfastException, InterruptedException, Violation {
    long start = operator.clock().nanos();
    while (server.service().shard().obstacle().isPresent()
        || server.service().shard().damagedObjects() > 0) {
      if ((operator.clock().nanos() - start) / 1_000_000 > OBSTACLE_MILLIS_MAX) {
        throw new Violation(
            "in fair weather no backups are taken: " + server.service().shard().obstacle());
      }
      operator.clock().sleepMillis(1_000);
    }
  }

  /// The index has the copies of the log and no others, and each is in the bucket where it says.
  private void checkBlocks() throws Violation {
    Map<Bytes, ByteBuffer> found = new HashMap<>();
    for (char kind : new char[] {'b', 'o'}) {
      scan(
          server.index(), kind, (key, value) -> found.put(Bytes.wrap(key), ByteBuffer.wrap(value)));
    }
    for (var each : world.ledger().blocks().copies().entrySet()) {
      List<Ledger.Stored> all = each.getValue();
      for (Ledger.Stored copy : all) {
        Bytes key = key(each.getKey(), copy, copy.equals(all.getLast()));
        if (!row(copy).equals(found.remove(key))) {
          throw new Violation("the index misplaces " + each.getKey() + ", which is " + copy);
        }
        byte[] bytes = world.ledger().bytes(copy);
        if (bytes == null || crc(bytes) != copy.crc()) {
          throw new Violation(each.getKey() + " is not where the index says: " + copy);
        }
      }
    }
    if (!found.isEmpty()) {
      throw new Violation("the index has blocks that the log has not: " + found.keySet());
    }
  }

  /// A segment lives as far as copies lie in it, and none is known that is retired.
  private void checkSegments() throws Violation {
    Map<SegmentId, Long> expected = new HashMap<>();
    for (List<Ledger.Stored> all : world.ledger().blocks().copies().values()) {
      all.forEach(copy -> expected.merge(copy.segment(), (long) copy.length(), Long::sum));
    }
    Map<SegmentId, Long> found = new HashMap<>();
    scan(
        server.index(),
        's',
        (key, value) -> {
          ByteBuffer in = ByteBuffer.wrap(key, 1, key.length - 1);
          found.put(new SegmentId(0, in.getInt(), in.getLong()), ByteBuffer.wrap(value).getLong(8));
        });
    for (var each : found.entrySet()) {
      if (world.ledger().isRetired(each.getKey())
          || each.getValue() != (long) expected.getOrDefault(each.getKey(), 0L)) {
        throw new Violation(
            "the index has %d living bytes in %s, the log says otherwise"
                .formatted(each.getValue(), each.getKey()));
      }
    }
    if (!found.keySet().containsAll(expected.keySet())) {
      throw new Violation("the index lacks segments in which copies lie");
    }
  }

  /// A machine has as much as its copies are.
  private void checkTotals() throws Violation {
    Map<MachineId, long[]> expected = new HashMap<>();
    world
        .ledger()
        .blocks()
        .copies()
        .forEach((block, all) -> {
          long[] sums = expected.computeIfAbsent(block.machine(), _ -> new long[2]);
          sums[0] += all.size();
          sums[1] += all.stream().mapToLong(Ledger.Stored::length).sum();
        });
    Map<MachineId, long[]> found = new HashMap<>();
    scan(
        server.index(),
        'm',
        (key, value) -> {
          ByteBuffer last = ByteBuffer.wrap(value, value.length - 16, 16);
          found.put(machine(key), new long[] {last.getLong(), last.getLong()});
        });
    for (var each : found.entrySet()) {
      if (!Arrays.equals(each.getValue(), expected.getOrDefault(each.getKey(), new long[2]))) {
        throw new Violation(
            "machine %s has %s blocks and bytes, the log says otherwise"
                .formatted(each.getKey(), Arrays.toString(each.getValue())));
      }
    }
  }

  /// A copy's row's key: the newest copy has the block's own.
  private static Bytes key(Ledger.Block block, Ledger.Stored copy, boolean isNewest) {
    ByteBuffer key = ByteBuffer.allocate(isNewest ? 50 : 58).put((byte) (isNewest ? 'b' : 'o'));
    block.machine().bytes().putInto(key).put((byte) block.kind().code());
    block.name().bytes().putInto(key);
    return Bytes.wrap((isNewest ? key : key.putLong(copy.record())).array());
  }

  /// A copy's row, as `docs/format.md` and the index's own part of it have it.
  private ByteBuffer row(Ledger.Stored copy) throws Violation {
    long deletion = world.ledger().blocks().deletion(copy);
    ByteBuffer row =
        ByteBuffer.allocate(deletion == 0 ? 40 : 48)
            .putLong(copy.record())
            .putLong(copy.begun())
            .putInt(copy.length())
            .putInt(copy.crc());
    if (deletion > 0) {
      row.putLong(deletion);
    }
    return row.putInt(copy.segment().epoch())
        .putLong(copy.segment().number())
        .putInt(copy.dataOffset())
        .flip();
  }

  private void checkArchives() throws Violation {
    Set<Ledger.Archive> found = new HashSet<>();
    scan(
        server.index(),
        'r',
        (key, _) -> found.add(new Ledger.Archive(machine(key), name(key, CLASS_AT))));
    if (!found.equals(world.ledger().archives())) {
      throw new Violation(
          "the index has archives %s, the log %s".formatted(found, world.ledger().archives()));
    }
  }

  /// Nobody is connected, so nothing is held.
  private void checkLeases() throws InterruptedException, Violation {
    long start = operator.clock().nanos();
    while (server.sessions().count() > 0 || server.sessions().heldBytes() > 0) {
      if ((operator.clock().nanos() - start) / 1_000_000 > LEASES_MILLIS_MAX) {
        throw new Violation(
            "nobody is connected, and there are %d sessions, and %d bytes held"
                .formatted(server.sessions().count(), server.sessions().heldBytes()));
      }
      operator.clock().sleepMillis(1_000);
    }
  }

  private static void scan(Index index, char kind, Index.RowSink sink) {
    index.scan(new byte[] {(byte) kind}, sink);
  }

  private static MachineId machine(byte[] key) {
    return new MachineId(Bytes.copyOf(key, 1, 1 + MachineId.LENGTH));
  }

  private static BlockName name(byte[] key, int from) {
    return new BlockName(Bytes.copyOf(key, from, from + BlockName.LENGTH));
  }

  private static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
