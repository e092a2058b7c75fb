package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Measures how fast a rebuild applies records. Its name keeps it out of the tests; asked for by
///
/// `mvn -pl server -am -Dtest=ReplayRate -Dsurefire.failIfNoSpecifiedTests=false test`
class ReplayRate {
  private static final int MACHINES = 20;
  private static final int BLOCKS = 600_000;
  private static final int BLOCKS_A_SEGMENT = 4000;

  @TempDir Path folder;

  private final MemoryBucket bucket = new MemoryBucket();
  private final Random random = new Random(1);
  private final Deque<SegmentId> closed = new ArrayDeque<>();

  private Bytes draw(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private void fill() throws Exception {
    World world = new World();
    LogWriter writer =
        new LogWriter(
            World.SERVICE,
            World.KEY,
            SegmentId.first(0, 1),
            1,
            world.clock,
            (id, body) -> {
              try {
                bucket.putIfAbsent(id.key(), body);
                closed.add(id);
              } catch (org.holdfast.core.HoldfastException e) {
                throw new AssertionError(e);
              }
            });
    ByteBuffer nothing = ByteBuffer.allocate(0);
    AccountId account = new AccountId(draw(16));
    writer.append(new LogRecord.AccountOpened(account, "account"), nothing);
    MachineId[] machines = new MachineId[MACHINES];
    long[] begun = new long[MACHINES];
    for (int i = 0; i < MACHINES; i++) {
      machines[i] = new MachineId(draw(16));
      InviteId invite = new InviteId(draw(16));
      writer.append(new LogRecord.InviteMade(invite, account, draw(32), "", 1), nothing);
      List<LogRecord.Credential> keys =
          List.of(
              new LogRecord.Credential(Right.WRITE, draw(32)),
              new LogRecord.Credential(Right.READ, draw(32)));
      writer.append(
          new LogRecord.MachineRegistered(machines[i], account, invite, "machine", keys), nothing);
      LogRecord begin = new LogRecord.WriteBegun(machines[i], new TransactionId(draw(16)), 0);
      begun[i] = writer.append(begin, nothing).number();
    }
    for (int i = 0; i < BLOCKS; i++) {
      int machine = i / 500 % MACHINES;
      writer.append(
          new LogRecord.BlockStored(
              machines[machine], begun[machine], BlockClass.CHUNK, new BlockName(draw(32)), 1, 5),
          ByteBuffer.allocate(1));
      if (i % BLOCKS_A_SEGMENT == 0) {
        writer.flush();
        while (!closed.isEmpty()) {
          writer.stored(closed.removeFirst());
        }
      }
    }
    writer.flush();
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  @Test
  void rebuildOfManyBlocks() throws Exception {
    fill();
    for (int round = 0; round < 3; round++) {
      long start = System.nanoTime();
      long startCpu = cpuNanos();
      Rebuild.Report report =
          new Rebuild(new World().terms(bucket), folder, Rebuild.Progress.NONE)
              .run(Rebuild.How.REPLACE);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "RATE %d records, %.2f s, %.2f s of processor time, digest %s%n",
          report.records(), seconds, (cpuNanos() - startCpu) / 1e9, report.digest());
      assertThat(report.records()).isGreaterThan(BLOCKS);
    }
  }
}
