package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.core.Right;
import org.holdfast.log.StateDigest;
import org.holdfast.seal.KeyFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random trees go through the whole of Holdfast and come back as they were.
final class RoundTripTest {
  /// The run's keys, and the first page: it holds the folders above, in which other programs make
  /// files meanwhile. The root is not counted.
  private static final long BLOCKS_OF_UNCHANGED_MAX = 2;

  @TempDir Path base;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void aRandomTreeComesBackAsItWas(long seed) throws Exception {
    Path source = Files.createDirectories(base.resolve("source"));
    RandomTree.make(seed, source, 150);
    Bucket bucket = new MemoryBucket();
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary summary = service.backup(key, base.resolve("cache"), source);
      assertThat(summary.unreadable()).isZero();
      KeyFile reader = key.derive(java.util.Set.of(Right.READ));
      RestoreSummary restored =
          service.restore(reader, "latest:" + source, base.resolve("restored"));
      assertThat(restored.files()).isEqualTo(summary.files());
    }
    InProcess.assertSame(source, base.resolve("restored"));
  }

  @Test
  void anUnchangedTreeCostsNoContent() throws Exception {
    Path source = Files.createDirectories(base.resolve("source"));
    RandomTree.make(77, source, 150);
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary first = service.backup(key, base.resolve("cache"), source);
      service.backup(key, base.resolve("cache"), source);
      BackupSummary third = service.backup(key, base.resolve("cache"), source);
      assertThat(third.unchangedFiles()).isEqualTo(third.files());
      assertThat(third.newBlocks()).isBetween(1L, BLOCKS_OF_UNCHANGED_MAX);
      assertThat(third.sequence()).isEqualTo(first.sequence() + 2);
    }
  }

  @Test
  void aLostCacheCostsReadingAndNoStoring() throws Exception {
    Path source = Files.createDirectories(base.resolve("source"));
    RandomTree.make(78, source, 100);
    // A folder made between the backups would change the entry of the one above it.
    Files.createDirectories(base.resolve("other cache"));
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, base.resolve("cache"), source);
      BackupSummary second = service.backup(key, base.resolve("other cache"), source);
      assertThat(second.unchangedFiles()).isLessThan(second.files());
      assertThat(second.newBlocks()).isBetween(1L, BLOCKS_OF_UNCHANGED_MAX);
    }
  }

  @Test
  void touchingAllFilesCostsNoContent() throws Exception {
    Path source = Files.createDirectories(base.resolve("source"));
    for (int i = 0; i < 200; i++) {
      Files.writeString(source.resolve("f" + i), "content of file number " + i + "\n".repeat(i));
    }
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      service.backup(key, base.resolve("cache"), source);
      Path changed = source.resolve("f100");
      Files.setLastModifiedTime(changed, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
      BackupSummary second = service.backup(key, base.resolve("cache"), source);
      // The run, and the page whose entry changed.
      assertThat(second.newBlocks()).isEqualTo(2);
    }
  }

  @Test
  void aRebuiltIndexHasTheSameDigestAndServesTheSameTree() throws Exception {
    Path source = Files.createDirectories(base.resolve("source"));
    RandomTree.make(9, source, 80);
    Bucket bucket = new MemoryBucket();
    StateDigest live;
    KeyFile key;
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      key = service.register();
      service.backup(key, base.resolve("cache"), source);
      Files.writeString(source.resolve("more"), "more");
      service.backup(key, base.resolve("cache"), source);
      live = service.digest();
    }
    try (InProcess service = InProcess.start(bucket, base.resolve("other state"))) {
      assertThat(service.digest()).isEqualTo(live);
      service.restore(key, "latest:" + source, base.resolve("restored"));
    }
    InProcess.assertSame(source, base.resolve("restored"));
    assertThat(
            new String(Files.readAllBytes(base.resolve("restored/more")), StandardCharsets.UTF_8))
        .isEqualTo("more");
  }
}
