package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.S3Settings;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Right;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.server.export.ExportProgress;
import org.holdfast.server.export.ExportReport;
import org.holdfast.server.export.MachineExport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One machine's archives go by post.
final class ExportedTest {
  private static final int SEED = 31;

  @TempDir Path base;
  private final MemoryBucket bucket = new MemoryBucket();

  @Test
  void whatWasExportedRestoresWithTheReadKeyAloneAndSaysNothingOfOthers() throws Exception {
    Path first = tree("first", 0);
    Path second = tree("second", 1);
    Path others = tree("others", 2);
    Path to = base.resolve("posted");
    KeyFile mine;
    KeyFile theirs;
    List<Message.Archive> shown;
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      mine = service.register("mine-and-mine-alone");
      theirs = service.register("theirs-and-theirs-alone");
      service.backup(mine, base.resolve("cache"), first);
      service.backup(theirs, base.resolve("their cache"), others);
      BackupSummary deleted = service.backup(mine, base.resolve("cache"), others);
      service.backup(mine, base.resolve("cache"), second);
      service.backup(theirs, base.resolve("their cache"), first);
      delete(service, mine, deleted);
      clean(service);
      shown = archives(service, mine);
      ExportReport report = export(mine.machine(), to);
      assertThat(report.isComplete()).isTrue();
      assertThat(report.archives()).isEqualTo(2);
      assertThat(report.machine()).isEqualTo(mine.machineId());
    }
    KeyFile reader = mine.derive(Set.of(Right.READ));
    try (InProcess posted = InProcess.reading(folder(to))) {
      assertThat(archives(posted, reader)).isEqualTo(shown);
      posted.restore(reader, "latest~1:" + first, base.resolve("one"));
      InProcess.assertSame(first, base.resolve("one"));
      RestoreSummary restored = posted.restore(reader, "latest:" + second, base.resolve("two"));
      assertThat(restored.isComplete()).isTrue();
      InProcess.assertSame(second, base.resolve("two"));
      assertThatThrownBy(() -> archives(posted, theirs))
          .hasMessageContaining("does not know this machine");
    }
    String all = content(to);
    assertThat(all).contains("mine-and-mine-alone", text(mine.machineId().bytes()));
    assertThat(all.contains("theirs-and")).isFalse();
    assertThat(all.contains(text(theirs.machineId().bytes()))).isFalse();
  }

  /// The client is told of the one file, and restores the others.
  @Test
  void aDamagedObjectCostsWhatIsInItAndNothingElse() throws Exception {
    Path tree = tree("tree", 3);
    Path to = base.resolve("posted");
    KeyFile mine;
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      mine = service.register("mine");
      service.backup(mine, base.resolve("cache"), tree);
      SegmentId damaged = damageAChunk();
      ExportReport report = export("mine", to);
      assertThat(report.blocksLost()).isEqualTo(1);
      assertThat(report.damaged()).singleElement().asString().contains(damaged.key());
    }
    try (InProcess posted = InProcess.reading(folder(to))) {
      RestoreSummary restored = posted.restore(mine, "latest:" + tree, base.resolve("back"));
      assertThat(restored.isComplete()).isFalse();
      assertThat(restored.files()).isPositive();
    }
  }

  /// To whoever knows the log's key.
  @Test
  void anExportIsAuthentic() throws Exception {
    Path tree = tree("tree", 4);
    Path to = base.resolve("posted");
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      service.backup(service.register("mine"), base.resolve("cache"), tree);
      export("mine", to);
    }
    LogReader reader = InProcess.terms(folder(to)).reader();
    SegmentId segment = reader.list(0).firstKey();
    assertThat(reader.header(segment)).isPresent();
    byte[] other = new byte[LogKey.LENGTH];
    other[0] = 1;
    LogReader forged =
        new LogReader(
            folder(to),
            new LogKey(Bytes.wrap(other)),
            InProcess.SERVICE,
            InProcess.SPAWNER,
            InProcess.CLOCK,
            0);
    assertThatThrownBy(() -> forged.header(segment)).isInstanceOf(CorruptException.class);
  }

  private ExportReport export(String machine, Path to) throws Exception {
    return new MachineExport(InProcess.terms(bucket), base.resolve("scratch"), new ExportProgress())
        .run(machine, to);
  }

  private static Bucket folder(Path at) throws Exception {
    return new Buckets(
            InProcess.CLOCK, InProcess.RANDOM, InProcess.SPAWNER, S3Settings.of(Map.of()))
        .openToRead(BucketAddress.parse("dir:" + at));
  }

  private Path tree(String name, int seed) throws Exception {
    Path folder = Files.createDirectories(base.resolve("trees").resolve(name));
    RandomTree.make(SEED + seed, folder, 60);
    return folder;
  }

  private static List<Message.Archive> archives(InProcess service, KeyFile key) throws Exception {
    try (Session session = service.session();
        Catalog catalog = Catalog.open(session, key.derive(Set.of(Right.READ)))) {
      assertThat(catalog.list(Optional.empty()).warnings()).isEmpty();
      return session.archives(key.machineId());
    }
  }

  private void delete(InProcess service, KeyFile key, BackupSummary archive) throws Exception {
    KeyFile tidy = key.derive(Set.of(Right.TIDY));
    String root = archive.root().toString();
    try (Session session = service.session();
        TidyCatalog catalog = TidyCatalog.open(session, tidy)) {
      new Deletion(
              session,
              key.machineId(),
              catalog,
              base.resolve("cache"),
              InProcess.RANDOM,
              new TidyProgress())
          .run(list -> Deletion.Chosen.of(List.of(list.select(root))), false);
    }
  }

  /// Whatever may be cleaned.
  private void clean(InProcess service) throws Exception {
    int cleaned = 0;
    for (SegmentId id : InProcess.terms(bucket).reader().list(0).keySet()) {
      cleaned += service.shard().cleaner().orElseThrow().clean(id) ? 1 : 0;
    }
    assertThat(cleaned).isGreaterThan(2);
  }

  private SegmentId damageAChunk() throws Exception {
    LogReader reader = InProcess.terms(bucket).reader();
    for (SegmentId id : reader.list(0).keySet()) {
      SegmentHeader header = reader.header(id).orElseThrow();
      for (LogEntry entry : header.entries()) {
        if (entry.item() instanceof LogRecord.BlockStored r && r.kind() == BlockClass.CHUNK) {
          byte[] bytes = bucket.getWhole(id.key(), Bucket.MAX_OBJECT_LENGTH).orElseThrow();
          bytes[header.headerLength() + (int) entry.dataOffset()] ^= 1;
          bucket.delete(id.key());
          bucket.putIfAbsent(id.key(), List.of(ByteBuffer.wrap(bytes)));
          return id;
        }
      }
    }
    throw new AssertionError("nothing was stored");
  }

  private static String text(Bytes bytes) {
    return new String(bytes.toArray(), StandardCharsets.ISO_8859_1);
  }

  private static String content(Path folder) throws Exception {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        all.append(Files.readString(each, StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }
}
