package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;

/// What is looked at when all is over: the live state, the index row by row, the bucket byte by
/// byte, and what sessions have left behind.
final class Inspection {
  /// Who is gone without a word is missed after two minutes and a half; reads that are given up end
  /// with their last attempt.
  private static final long LEASES_MILLIS_MAX = 600_000;

  /// A damaged object is looked at again once a minute.
  private static final long OBSTACLE_MILLIS_MAX = 300_000;

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
    server.service().shard().awaitDurable();
    StateDigest live = server.digest();
    SimProcess process = world.process("inspector");
    StateDigest found = new Audit(world).digest(process, world.store(), server.disk().copy());
    if (!found.equals(live)) {
      throw new Violation("the live digest is " + live + ", all others are " + found);
    }
    process.kill();
    checkBlocks();
    checkArchives();
    checkLeases();
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

  private static BlockClass kind(int code) {
    try {
      return BlockClass.of(code);
    } catch (CorruptException e) {
      throw new IllegalStateException("a row of the index has no block class", e);
    }
  }

  /// The index has the blocks of the log and no others, and each is in the bucket where it says.
  private void checkBlocks() throws Violation {
    Map<Ledger.Block, Ledger.Stored> expected = world.ledger().blocks();
    Map<Ledger.Block, ByteBuffer> found = new HashMap<>();
    scan(
        server.index(),
        'b',
        (key, value) -> {
          BlockClass kind = kind(key[CLASS_AT]);
          found.put(
              new Ledger.Block(machine(key), kind, name(key, CLASS_AT + 1)),
              ByteBuffer.wrap(value));
        });
    if (!found.keySet().equals(expected.keySet())) {
      throw new Violation(
          "the index has %d blocks, the log %d".formatted(found.size(), expected.size()));
    }
    for (var each : expected.entrySet()) {
      Ledger.Stored stored = each.getValue();
      if (!row(stored).equals(java.util.Objects.requireNonNull(found.get(each.getKey())))) {
        throw new Violation("the index misplaces " + each.getKey() + ", which is " + stored);
      }
      byte[] bytes = world.ledger().bytes(stored);
      if (bytes == null || crc(bytes) != stored.crc()) {
        throw new Violation(each.getKey() + " is not where the index says: " + stored);
      }
    }
  }

  /// A block's row, as `docs/format.md` and the index's own part of it have it.
  private static ByteBuffer row(Ledger.Stored stored) {
    return ByteBuffer.allocate(40)
        .putLong(stored.record())
        .putLong(stored.begun())
        .putInt(stored.length())
        .putInt(stored.crc())
        .putInt(stored.segment().epoch())
        .putLong(stored.segment().number())
        .putInt(stored.dataOffset())
        .flip();
  }

  private void checkArchives() throws Violation {
    Set<Ledger.Archive> found = new HashSet<>();
    scan(
        server.index(),
        'r',
        (key, _) -> found.add(new Ledger.Archive(machine(key), name(key, CLASS_AT))));
    if (!found.equals(world.ledger().committed())) {
      throw new Violation(
          "the index has archives %s, the log %s".formatted(found, world.ledger().committed()));
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
