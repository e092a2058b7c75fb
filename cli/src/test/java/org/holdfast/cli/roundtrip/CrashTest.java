package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The server dies at each of its calls to the bucket, in turn. Whatever it had acknowledged is
/// there afterwards, and the backup it interrupted can be gone on with.
final class CrashTest {
  @TempDir Path base;

  @ParameterizedTest
  @EnumSource(
      value = FaultyBucket.Fault.class,
      names = {"DEATH_BEFORE", "DEATH_AFTER"})
  void whereverTheServerDiesWhatWasAcknowledgedIsThere(FaultyBucket.Fault fault) throws Exception {
    Path first = Files.createDirectories(base.resolve("first"));
    Path second = Files.createDirectories(base.resolve("second"));
    RandomTree.make(31, first, 40);
    RandomTree.make(32, second, 40);
    int call = 0;
    boolean died = true;
    while (died) {
      call++;
      died = story(first, second, fault, call);
    }
    assertThat(call).as("calls to the bucket that were tried").isGreaterThan(8);
  }

  /// Whether the server died before the story was over.
  private boolean story(Path first, Path second, FaultyBucket.Fault fault, int call)
      throws Exception {
    Path work = Files.createDirectories(base.resolve(fault + "-" + call));
    MemoryBucket bucket = new MemoryBucket();
    KeyFile key;
    try (InProcess before = InProcess.start(bucket, work.resolve("state"))) {
      key = before.register();
    }
    FaultyBucket faulty = new FaultyBucket(bucket);
    faulty.fail(call, fault);
    BackupSummary acknowledged = null;
    BackupSummary last = null;
    try (InProcess dying = InProcess.start(faulty, work.resolve("state"))) {
      acknowledged = dying.backup(key, work.resolve("cache"), first);
      last = dying.backup(key, work.resolve("cache"), first, second);
    } catch (HoldfastException | IOException e) {
      assertThat(faulty.isDead()).as(e.toString()).isTrue();
    }
    try (InProcess after = InProcess.start(bucket, work.resolve("new state"))) {
      if (acknowledged != null) {
        after.restore(key, acknowledged.root().toString(), work.resolve("restored"));
        InProcess.assertSame(
            first, work.resolve("restored").resolve(Path.of("/").relativize(first)));
      }
      BackupSummary resumed = after.backup(key, work.resolve("cache"), first, second);
      assertThat(resumed.unreadable()).isZero();
      after.restore(key, "latest:" + second, work.resolve("restored second"));
      InProcess.assertSame(second, work.resolve("restored second"));
    }
    return last == null;
  }
}
