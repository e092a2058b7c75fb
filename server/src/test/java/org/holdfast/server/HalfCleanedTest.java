package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.AccountId;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.InviteId;
import org.holdfast.core.MachineId;
import org.holdfast.core.Right;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.BlockBytes;
import org.holdfast.protocol.Message;
import org.holdfast.server.index.MemoryIndex;
import org.holdfast.server.shard.Cleaner;
import org.holdfast.server.shard.ShardService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A segment whose cleaning was begun and not ended is still replayed, with copies in it that were
/// moved elsewhere since, and are gone there.
final class HalfCleanedTest {
  /// The copy fills a segment: what comes after it comes in the next one.
  private static final int SEGMENT_LENGTH = 500;

  private static final int COPY_LENGTH = 1000;

  @TempDir Path folder;

  private final World world = new World();
  private final Random random = new Random(1);
  private final MachineId machine = new MachineId(draw(MachineId.LENGTH));
  private final TransactionId transaction = new TransactionId(draw(16));

  @Test
  void copyThatWasFreedElsewhereDoesNotComeBack() throws Exception {
    int moved = 0;
    for (int call = 1; call <= 8; call++) {
      MemoryBucket bucket = new MemoryBucket();
      Path state = folder.resolve("s" + call);
      SegmentId half = store(bucket, state);
      dieCleaning(bucket, state, half, call);
      moved += isMoved(bucket) && World.counted(bucket).contains(half) ? 1 : 0;
      free(bucket, state);
      try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
        write(service.shard());
        cleanAllBut(half, service, bucket);
        StateDigest live = World.digest(service);
        assertThat(World.replay(bucket, new MemoryIndex())).as("call " + call).isEqualTo(live);
      }
    }
    assertThat(moved).as("died between the move and the end of a cleaning").isPositive();
  }

  /// Answers the segment of a copy that nothing keeps so far.
  private SegmentId store(Bucket bucket, Path state) throws Exception {
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      ShardService shard = service.shard();
      AccountId account = write(shard);
      InviteId invite = new InviteId(draw(16));
      shard.write(
          _ -> List.of(new LogRecord.InviteMade(invite, account, draw(32), "", TestClock.START)));
      var key = new LogRecord.Credential(Right.WRITE, draw(32));
      shard.write(_ ->
          List.of(new LogRecord.MachineRegistered(machine, account, invite, "m", List.of(key))));
      shard.begin(new Message.Begin(machine, transaction, null));
      byte[] bytes = new byte[COPY_LENGTH];
      CRC32C crc = new CRC32C();
      crc.update(bytes);
      shard
          .store(
              new Message.Store(
                  machine,
                  transaction,
                  BlockClass.CHUNK,
                  new BlockName(draw(32)),
                  BlockBytes.of(ByteBuffer.wrap(bytes))),
              (int) crc.getValue(),
              () -> false)
          .join();
      shard.awaitDurable();
      return World.counted(bucket).getLast();
    }
  }

  /// The newest segments of the newest epoch are not cleaned: this makes another one.
  private AccountId write(ShardService shard) throws HoldfastException {
    AccountId account = new AccountId(draw(16));
    shard.write(_ -> List.of(new LogRecord.AccountOpened(account, "account")));
    shard.awaitDurable();
    return account;
  }

  private void dieCleaning(Bucket bucket, Path state, SegmentId segment, int call)
      throws Exception {
    FaultyBucket faulty = new FaultyBucket(bucket);
    try (Service service = world.own(faulty, state, SEGMENT_LENGTH)) {
      write(service.shard());
      faulty.fail(faulty.calls() + call, Fault.DEATH_BEFORE);
      service.shard().cleaner().orElseThrow().clean(segment);
    } catch (HoldfastException e) {
      // It died.
    }
    Files.deleteIfExists(state.resolve("clean"));
  }

  private static boolean isMoved(Bucket bucket) throws HoldfastException {
    for (SegmentId each : World.counted(bucket)) {
      for (LogEntry entry : World.reader(bucket).header(each).orElseThrow().entries()) {
        if (entry.item() instanceof LogRecord.CopyMoved) {
          return true;
        }
      }
    }
    return false;
  }

  private void free(Bucket bucket, Path state) throws Exception {
    try (Service service = world.own(bucket, state, SEGMENT_LENGTH)) {
      service.shard().cancel(new Message.Cancel(machine, transaction));
      while (service.shard().freeing().round()) {
        // There is more.
      }
      assertThat(service.shard().freeing().progress().freedBlocks()).isEqualTo(1);
    }
  }

  /// All that there is, the oldest first, and what comes of that.
  private static void cleanAllBut(SegmentId left, Service service, Bucket bucket)
      throws HoldfastException {
    Cleaner cleaner = service.shard().cleaner().orElseThrow();
    Set<SegmentId> done = new HashSet<>(Set.of(left));
    for (int pass = 0; pass < 2; pass++) {
      for (SegmentId each : World.counted(bucket)) {
        if (done.add(each)) {
          cleaner.clean(each);
        }
      }
    }
    service.shard().awaitDurable();
  }

  private Bytes draw(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }
}
