package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.core.BlockClass;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.server.export.ExportProgress;
import org.holdfast.server.export.ExportReport;
import org.holdfast.server.export.MachineExport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Bits flip in a bucket, and the next backup of what is still there brings the blocks back.
@Timeout(60)
final class DamagedBlockTest {
  private static final Set<BlockClass> SENT_AGAIN = EnumSet.of(BlockClass.CHUNK, BlockClass.PAGE);

  @TempDir Path base;
  private final MemoryBucket bucket = new MemoryBucket();
  private final Map<String, byte[]> whole = new HashMap<>();
  private Path source;
  private Path cache;
  private KeyFile key;
  private BackupSummary first;

  /// An archive of small files that share a chunk, and of a large one.
  @BeforeEach
  void backUp() throws Exception {
    source = Files.createDirectories(base.resolve("source"));
    cache = Files.createDirectories(base.resolve("cache"));
    for (int i = 0; i < 20; i++) {
      Files.writeString(source.resolve("f" + i), "file " + i);
    }
    large(3);
    try (InProcess service = start("state")) {
      key = service.register();
      first = service.backup(key, cache, source);
    }
  }

  @Test
  void aBackupOfUnchangedFilesMendsWhatIsDamaged() throws Exception {
    int damaged = damage(SENT_AGAIN);
    StateDigest digest;
    BackupSummary second;
    try (InProcess service = start("state")) {
      notice(service);
      assertThat(service.shard().lost().blocks()).isEqualTo(damaged);
      second = service.backup(key, cache, source);
      assertThat(second.mendedBlocks()).isEqualTo(damaged);
      assertThat(second.lostBlocks()).isZero();
      assertThat(service.shard().lost().blocks()).isZero();
      assertThat(service.shard().obstacle()).isEmpty();
      assertComesBack(service, first, "first");
      assertComesBack(service, second, "second");
      BackupSummary third = service.backup(key, cache, source);
      assertThat(third.mendedBlocks()).isZero();
      assertThat(third.unchangedFiles()).isEqualTo(third.files());
      digest = service.digest();
    }
    // A server that does not know of the damage meets it, and reads what stands in.
    try (InProcess service = start("another state")) {
      assertThat(service.digest()).isEqualTo(digest);
      assertComesBack(service, first, "first again");
      until(() -> service.shard().damagedObjects() > 0 && isFree(service));
      putBack();
      until(() -> service.shard().damagedObjects() == 0);
      assertComesBack(service, second, "second again");
    }
  }

  @Test
  void whatIsOnTheDiskNoMoreStaysLostAndNothingRestsOnIt() throws Exception {
    int damaged = damage(EnumSet.of(BlockClass.CHUNK));
    large(4);
    try (InProcess service = start("state")) {
      notice(service);
      BackupSummary second = service.backup(key, cache, source);
      assertThat(second.mendedBlocks()).isPositive();
      assertThat(second.lostBlocks()).isPositive();
      assertThat(second.mendedBlocks() + second.lostBlocks()).isEqualTo(damaged);
      assertComesBack(service, second, "second");
      putBack();
      until(() -> service.shard().damagedObjects() == 0);
      RestoreSummary old = service.restore(key, first.root() + ":" + source, base.resolve("first"));
      assertThat(old.files()).isEqualTo(first.files());
    }
  }

  @Test
  void aBackupWithoutTheKeysOfAnEarlierRunIsRefused() throws Exception {
    damage(EnumSet.of(BlockClass.RUN));
    try (InProcess service = start("state")) {
      notice(service);
      assertThatThrownBy(() -> service.backup(key, cache, source))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("damaged at the server");
      KeyFile other = service.register();
      service.backup(other, base.resolve("other cache"), source);
      putBack();
      until(() -> service.shard().damagedObjects() == 0);
      assertComesBack(service, service.backup(key, cache, source), "second");
    }
  }

  @Test
  void keysOfABackupThatWasCutOffAreNotMissedByTheNext() throws Exception {
    large(4);
    long begun;
    try (InProcess service = start("state")) {
      cutOff(service);
      begun =
          service.shard().read(rows -> rows.machine(key.machineId())).orElseThrow().open().begun();
    }
    damage(block -> block.kind() == BlockClass.RUN && block.begun() == begun);
    try (InProcess service = start("state")) {
      service.shard().scrub().orElseThrow().round();
      until(() -> service.shard().damagedObjects() > 0 && isFree(service));
      BackupSummary second = service.backup(key, cache, source);
      assertThat(second.resumed()).isFalse();
      assertThat(second.lostBlocks()).isZero();
      assertComesBack(service, second, "second");
      cutOff(service);
      assertThat(service.backup(key, cache, source).resumed()).isTrue();
    }
  }

  /// A backup that ends before its commit.
  private void cutOff(InProcess service) throws Exception {
    try (Session session =
        service.session(end -> AlteredConnection.refusingCommits(end, ErrorCode.UNAVAILABLE))) {
      Backup backup =
          InProcess.backup(session, key, cache, InProcess.SPAWNER, new BackupProgress());
      assertThatThrownBy(() -> backup.run(InProcess.scope(source), InProcess.OPTIONS))
          .isInstanceOf(UnavailableException.class);
    }
  }

  private void large(long seed) throws Exception {
    byte[] large = new byte[3 << 20];
    new Random(seed).nextBytes(large);
    Files.write(source.resolve("large"), large);
  }

  @Test
  void anExportWithTheBlocksThatWereSentAgainSaysThatNothingIsLost() throws Exception {
    damage(SENT_AGAIN);
    try (InProcess service = start("state")) {
      notice(service);
      service.backup(key, cache, source);
    }
    ExportReport report =
        new MachineExport(InProcess.terms(bucket), base.resolve("scratch"), new ExportProgress())
            .run(key.machineId().toString(), base.resolve("posted"));
    assertThat(report.isComplete()).isTrue();
    assertThat(report.damaged()).isNotEmpty().allMatch(line -> line.endsWith("nothing is lost"));
  }

  private InProcess start(String state) throws Exception {
    return InProcess.start(bucket, base.resolve(state));
  }

  private void assertComesBack(InProcess service, BackupSummary archive, String name)
      throws Exception {
    Path target = base.resolve("restored " + name);
    assertThat(service.restore(key, archive.root() + ":" + source, target).files())
        .isEqualTo(archive.files());
    InProcess.assertSame(source, target);
  }

  /// Restores in vain, and waits until the server knows what is damaged.
  private void notice(InProcess service) {
    try {
      service.restore(key, "latest:" + source, base.resolve("in vain"));
    } catch (Exception e) {
      // Of what cannot be read at all it says so.
    }
    until(() -> service.shard().damagedObjects() > 0 && isFree(service));
  }

  private static boolean isFree(InProcess service) {
    try {
      return service.shard().obstacle().isEmpty();
    } catch (HoldfastException e) {
      return false;
    }
  }

  private static void until(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  private int damage(Set<BlockClass> classes) throws Exception {
    return damage(block -> classes.contains(block.kind()));
  }

  /// Flips a bit of each of these blocks; answers how many they are.
  private int damage(Predicate<LogRecord.BlockStored> isMeant) throws Exception {
    int count = 0;
    for (var each : bucket.list("", "", 1000).objects()) {
      byte[] object = bucket.getWhole(each.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
      byte[] rotten = object.clone();
      int headerLength = ByteBuffer.wrap(object).getInt(12);
      int before = count;
      for (LogEntry entry : header(object, headerLength).entries()) {
        if (entry.item() instanceof LogRecord.BlockStored block && isMeant.test(block)) {
          rotten[headerLength + (int) entry.dataOffset() + block.length() / 2] ^= 4;
          count++;
        }
      }
      if (count > before) {
        whole.put(each.key(), object);
        replace(each.key(), rotten);
      }
    }
    return count;
  }

  private static SegmentHeader header(byte[] object, int length) throws Exception {
    ByteBuffer in = ByteBuffer.wrap(object);
    SegmentId id = new SegmentId(in.getInt(40), in.getInt(44), in.getLong(48));
    return Segment.readHeader(
        java.util.Arrays.copyOf(object, length), InProcess.KEY, InProcess.SERVICE, id);
  }

  private void putBack() throws Exception {
    for (var each : whole.entrySet()) {
      replace(each.getKey(), each.getValue());
    }
  }

  private void replace(String objectKey, byte[] bytes) throws Exception {
    bucket.delete(objectKey);
    bucket.putIfAbsent(objectKey, List.of(ByteBuffer.wrap(bytes)));
  }
}
