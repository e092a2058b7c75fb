package org.holdfast.bench.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogRecord;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.Rebuild;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.ServiceSecrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryTest {
  private static final Shape SHAPE = new Shape(20_000, 3, 7, 1024, 30, 40, 0, 3);

  @TempDir private Path folder;

  private HistoryLog.Made make(String name, Shape shape) throws Exception {
    return new HistoryFolder(folder.resolve(name)).make(shape, _ -> {});
  }

  private Rebuild.Report rebuild(String name) throws Exception {
    Path config = new HistoryFolder(folder.resolve(name)).config();
    return Rebuild.of(
            ServerConfig.read(config, Map.of()),
            new SystemClock(),
            Spawner.virtual(),
            new Draw(1),
            Rebuild.Progress.NONE)
        .run(Rebuild.How.REPLACE);
  }

  /// A rebuild compares each digest that it meets; the last record is one.
  @Test
  void rebuildsToTheStateThatItWasWrittenFrom() throws Exception {
    HistoryLog.Made made = make("history", SHAPE);
    Rebuild.Report report = rebuild("history");
    assertThat(made.records()).isEqualTo(SHAPE.records());
    assertThat(report.records()).isEqualTo(SHAPE.records());
    assertThat(report.segments()).isEqualTo(made.segments());
    assertThat(report.digest()).hasToString(made.digest());
  }

  @Test
  void rebuildsWhereSegmentsWereCleaned() throws Exception {
    HistoryLog.Made made = make("history", new Shape(20_000, 3, 7, 1024, 30, 40, 80, 3));
    Rebuild.Report report = rebuild("history");
    assertThat(made.deletedSegments()).isGreaterThan(20);
    assertThat(made.kinds()).containsKeys("CopyMoved", "RowRestated", "SegmentsRetired");
    assertThat(report.records()).isEqualTo(20_000);
    assertThat(report.segments()).isEqualTo(made.segments());
    assertThat(report.digest()).hasToString(made.digest());
  }

  @Test
  void holdsAllThatHappensInAService() throws Exception {
    Map<String, Long> kinds = make("history", SHAPE).kinds();
    assertThat(kinds)
        .containsEntry("EpochBegun", 3L)
        .containsEntry("MachineRegistered", 3L)
        .containsKeys(
            "Checkpoint", "Committed", "Cancelled", "DeleteUndone", "TransactionCleared", "Digest");
    assertThat(kinds.get("CopyDeleted")).isGreaterThan(1000);
    assertThat(kinds.get("CopyFreed")).isGreaterThan(1000);
    assertThat(kinds.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(20_000);
  }

  @Test
  void followsFromItsSeed() throws Exception {
    make("history", SHAPE);
    make("again", SHAPE);
    make("other", new Shape(20_000, 3, 8, 1024, 30, 40, 0, 3));
    assertThat(contents("again")).isEqualTo(contents("history"));
    assertThat(contents("other")).isNotEqualTo(contents("history"));
  }

  private Map<String, String> contents(String name) throws Exception {
    Path of = folder.resolve(name);
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(of)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        byte[] hash = sha256.digest(Files.readAllBytes(file));
        all.put(of.relativize(file).toString(), HexFormat.of().formatHex(hash));
      }
    }
    assertThat(all).containsKeys("secrets", "server.conf").hasSizeGreaterThan(20);
    return all;
  }

  /// Whoever reads all that is kept finds nothing damaged.
  @Test
  void blocksAreWhole() throws Exception {
    make("history", SHAPE);
    ServerConfig config =
        ServerConfig.read(new HistoryFolder(folder.resolve("history")).config(), Map.of());
    ServiceSecrets secrets = ServiceSecrets.decode(Files.readString(config.secrets()));
    Path bucket = folder.resolve("history/bucket");
    LogKey key = new LogKey(secrets.logKey());
    int blocks = 0;
    try (Stream<Path> files = Files.walk(bucket)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        SegmentId id = SegmentId.ofKey(bucket.relativize(file).toString()).orElseThrow();
        int length = ByteBuffer.wrap(bytes).getInt(12);
        byte[] start = Arrays.copyOf(bytes, length);
        SegmentHeader header = Segment.readHeader(start, key, secrets.service(), id);
        assertThat(bytes).hasSize(length + header.dataLength());
        for (LogEntry entry : header.entries()) {
          if (entry.item() instanceof LogRecord.BlockStored block) {
            CRC32C crc = new CRC32C();
            crc.update(bytes, length + (int) entry.dataOffset(), block.length());
            assertThat((int) crc.getValue()).isEqualTo(block.crc());
            blocks++;
          }
        }
      }
    }
    assertThat(blocks).isGreaterThan(10_000);
  }

  @Test
  void leavesAFolderAloneThatHoldsSomething() throws Exception {
    make("history", SHAPE);
    assertThatThrownBy(() -> make("history", SHAPE)).isInstanceOf(RefusedException.class);
  }
}
