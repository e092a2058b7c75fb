package org.holdfast.cli.roundtrip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.Range;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.core.Clock;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.ErrorCode;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a backup remembers, counts and leaves out, with a real service.
final class BackupTest {
  private static final int LARGE = 12 << 20;

  @TempDir Path base;
  private Path source;
  private Path cache;

  @BeforeEach
  void makeFolders() throws Exception {
    source = Files.createDirectories(base.resolve("source"));
    cache = base.resolve("cache");
    for (int i = 0; i < 20; i++) {
      Files.writeString(source.resolve("f" + i), "file " + i);
    }
  }

  @Test
  void aServerThatGoesBackIsRefusedEachTime() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    KeyFile key;
    Bucket before;
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      key = service.register();
      service.backup(key, cache, source);
      before = copy(bucket);
      service.backup(key, cache, source);
    }
    try (InProcess service = InProcess.start(before, base.resolve("old state"))) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> service.backup(key, cache, source))
            .isInstanceOf(CorruptException.class)
            .hasMessageContaining("committed archive number 2, the server's newest is number 1")
            .hasMessageContaining("delete " + cache.resolve("seen"));
      }
      Files.delete(cache.resolve("seen"));
      assertThat(service.backup(key, cache, source).sequence()).isEqualTo(2);
    }
  }

  @Test
  void aServerThatShowsAnotherLastArchiveIsRefused() throws Exception {
    MemoryBucket bucket = new MemoryBucket();
    KeyFile key;
    Bucket before;
    try (InProcess service = InProcess.start(bucket, base.resolve("state"))) {
      key = service.register();
      before = copy(bucket);
      service.backup(key, cache, source);
    }
    try (InProcess service = InProcess.start(before, base.resolve("old state"))) {
      service.backup(key, base.resolve("other cache"), source);
      assertThatThrownBy(() -> service.backup(key, cache, source))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("shows another archive number 1");
    }
  }

  @Test
  void aDamagedMemoryOfTheLastArchiveIsNoForgetting() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      BackupSummary made = service.backup(key, cache, source);
      SeenArchive seen = SeenArchive.read(cache).orElseThrow();
      assertThat(seen.root()).isEqualTo(made.root());
      assertThat(seen.sequence()).isEqualTo(1);
      byte[] bytes = Files.readAllBytes(cache.resolve("seen"));
      bytes[20] ^= 1;
      Files.write(cache.resolve("seen"), bytes);
      assertThatThrownBy(() -> service.backup(key, cache, source))
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining("is damaged");
    }
  }

  @Test
  void pathSetsInTurnAreNotReadAgain() throws Exception {
    Path other = Files.createDirectories(base.resolve("other"));
    Files.writeString(other.resolve("file"), "other");
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      later(service, key, source);
      later(service, key, other);
      BackupSummary again = later(service, key, source);
      assertThat(again.unchangedFiles()).isEqualTo(again.files());
      assertThat(later(service, key, other).unchangedFiles()).isEqualTo(1);
      assertThat(later(service, key, other, source).unchangedFiles()).isEqualTo(1);
    }
  }

  @Test
  void listsAreKeptForAFewPathSets() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      for (int i = 0; i < 12; i++) {
        service.backup(key, cache, source.resolve("f" + i));
      }
      try (var files = Files.list(cache)) {
        assertThat(files.map(file -> file.getFileName().toString().replaceFirst("-.*", "")))
            .containsOnly("list", "lock", "seen")
            .hasSize(10);
      }
    }
  }

  @Test
  void aBackupThatAnotherTookOverMadeNoArchive() throws Exception {
    large();
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Spawner spawner =
          beforeFirst("chunk", () -> service.backup(key, base.resolve("other cache"), source));
      Backup backup = InProcess.backup(session, key, cache, spawner, new BackupProgress());
      assertThat(backup.outcome()).isEqualTo(Backup.Outcome.NOT_BEGUN);
      assertThatThrownBy(() -> backup.run(InProcess.scope(source), InProcess.OPTIONS))
          .isInstanceOf(ConflictException.class);
      assertThat(session.state(key.machineId()).open()).isNull();
      assertThat(backup.outcome()).isEqualTo(Backup.Outcome.NO_ARCHIVE);
    }
  }

  @Test
  void aBackupThatFailsAfterItsCommitMadeAnArchive() throws Exception {
    large();
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Spawner spawner =
          beforeFirst(
              "chunk",
              () -> {
                try (var files = Files.newDirectoryStream(cache, "next-*")) {
                  for (Path file : files) {
                    Files.delete(file);
                  }
                }
              });
      Backup backup = InProcess.backup(session, key, cache, spawner, new BackupProgress());
      assertThatThrownBy(() -> backup.run(InProcess.scope(source), InProcess.OPTIONS))
          .isInstanceOf(IOException.class);
      assertThat(backup.outcome()).isEqualTo(Backup.Outcome.ARCHIVE);
    }
  }

  @Test
  void aCommitThatTheServerCouldNotAnswerMayHaveMadeAnArchive() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      for (ErrorCode code : List.of(ErrorCode.UNAVAILABLE, ErrorCode.CORRUPT)) {
        assertThat(outcomeOfACommitAnsweredBy(service, key, code))
            .isEqualTo(Backup.Outcome.UNKNOWN);
      }
      for (ErrorCode code : List.of(ErrorCode.CONFLICT, ErrorCode.REFUSED)) {
        assertThat(outcomeOfACommitAnsweredBy(service, key, code))
            .isEqualTo(Backup.Outcome.NO_ARCHIVE);
      }
    }
  }

  private Backup.Outcome outcomeOfACommitAnsweredBy(InProcess service, KeyFile key, ErrorCode code)
      throws Exception {
    try (Session session = service.session(end -> AlteredConnection.refusingCommits(end, code))) {
      Backup backup =
          InProcess.backup(session, key, cache, InProcess.SPAWNER, new BackupProgress());
      assertThatThrownBy(() -> backup.run(InProcess.scope(source), InProcess.OPTIONS))
          .isInstanceOf(HoldfastException.class);
      return backup.outcome();
    }
  }

  @Test
  void aBackupThatCannotStartAThreadEnds() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      for (String task : List.of("chunk", "page")) {
        Spawner spawner =
            (name, body) -> {
              if (name.equals(task)) {
                throw new OutOfMemoryError("no more threads");
              }
              return InProcess.SPAWNER.spawn(name, body);
            };
        try (Session session = service.session()) {
          Backup backup = InProcess.backup(session, key, cache, spawner, new BackupProgress());
          assertThatThrownBy(() ->
                  assertTimeoutPreemptively(
                      Duration.ofSeconds(60),
                      () -> backup.run(InProcess.scope(source), InProcess.OPTIONS)))
              .isInstanceOf(OutOfMemoryError.class);
        }
      }
    }
  }

  /// As editors save, and packages are upgraded: a file of that name was there all the time. The
  /// walk has met those behind a file that does not take long; before a long one it waits.
  @ParameterizedTest
  @ValueSource(ints = {3 << 20, LARGE})
  void aFileThatIsReplacedWhileAnotherIsReadIsTaken(int length) throws Exception {
    Files.write(source.resolve("a"), random(length));
    Path other = Files.createDirectories(base.resolve("other"));
    for (String name : List.of("b", "c", "d")) {
      Files.writeString(source.resolve(name), "old");
    }
    Files.write(source.resolve("b"), random(300 << 10));
    Files.createLink(source.resolve("e"), source.resolve("d"));
    Spawner spawner =
        beforeFirst(
            "chunk",
            () -> {
              for (String name : List.of("b", "c", "d")) {
                Files.writeString(other.resolve(name), "new " + name);
                Files.move(
                    other.resolve(name), source.resolve(name), StandardCopyOption.ATOMIC_MOVE);
              }
            });
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      BackupSummary summary =
          InProcess.backup(session, key, cache, spawner, new BackupProgress())
              .run(InProcess.scope(source), InProcess.OPTIONS);
      assertThat(summary.unreadable()).isZero();
      service.restore(key, "latest", base.resolve("restored"));
    }
    Path restored = Path.of(base.resolve("restored").toString() + source);
    for (String name : List.of("b", "d")) {
      assertThat(restored.resolve(name)).hasContent("new " + name);
    }
    assertThat(Files.readString(restored.resolve("c"))).isIn("old", "new c");
    assertThat(restored.resolve("e")).hasContent("old");
  }

  @Test
  void progressCountsALargeFileWhileItIsRead() throws Exception {
    large();
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      BackupProgress progress = new BackupProgress();
      long[] seen = new long[1];
      Spawner spawner = beforeFirst("chunk", () -> seen[0] = progress.bytes());
      BackupSummary summary =
          InProcess.backup(session, key, cache, spawner, progress)
              .run(InProcess.scope(source), InProcess.OPTIONS);
      assertThat(seen[0]).isBetween(1L << 20, (long) LARGE - 1);
      assertThat(progress.bytes()).isEqualTo(summary.bytes());
      service.backup(key, cache, source);
    }
  }

  @Test
  void progressEndsWithWhatTheSummarySaysIsStored() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      try (Session session = service.session()) {
        BackupProgress progress = new BackupProgress();
        BackupSummary summary =
            InProcess.backup(session, key, cache, InProcess.SPAWNER, progress)
                .run(InProcess.scope(source), InProcess.OPTIONS);
        assertThat(progress.newBytes()).isEqualTo(summary.newBytes()).isPositive();
      }
    }
  }

  @Test
  void otherNamesOfAFileAreUnchangedOnlyIfItIs() throws Exception {
    for (int i = 0; i < 5; i++) {
      Files.createLink(source.resolve("link" + i), source.resolve("f0"));
    }
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      KeyFile key = service.register();
      assertThat(later(service, key, source).unchangedFiles()).isZero();
      assertThat(later(service, key, source).unchangedFiles()).isEqualTo(25);
    }
  }

  @Test
  void theArchiveSaysWhatTheSummarySays() throws Exception {
    large();
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      BackupSummary summary = service.backup(key, cache, source);
      try (Catalog catalog = Catalog.open(session, key)) {
        var info = catalog.list(SeenArchive.read(cache)).archives().getFirst();
        assertThat(info.newBytes()).isEqualTo(summary.newBytes()).isGreaterThan(LARGE);
        assertThat(info.bytes()).isEqualTo(summary.bytes());
      }
    }
  }

  @Test
  void socketsAreCounted() throws Exception {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"))) {
      socket.bind(UnixDomainSocketAddress.of(source.resolve("socket")));
      assertThat(service.backup(service.register(), cache, source).socketsSkipped()).isEqualTo(1);
    }
  }

  @Test
  void whatHoldfastKeepsInTheTreeIsLeftOut() throws Exception {
    Path own = source.resolve("own");
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Files.createDirectories(own.resolve("deep"));
      Files.writeString(own.resolve("deep/file"), "not to be kept");
      Files.createSymbolicLink(base.resolve("way"), own);
      Backup backup =
          InProcess.backup(
              session, key, own.resolve("cache"), InProcess.SPAWNER, new BackupProgress());
      for (Path inside : List.of(own, own.resolve("deep"), base.resolve("way/deep"))) {
        assertThatThrownBy(
                () -> backup.run(scope(inside, base.resolve("way"), false), InProcess.OPTIONS))
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("where Holdfast itself keeps things");
      }
      BackupSummary summary =
          backup.run(scope(source, base.resolve("way"), false), InProcess.OPTIONS);
      assertThat(summary.files()).isEqualTo(20);
      assertThat(summary.ownFoldersSkipped()).hasSize(1);
    }
  }

  @Test
  void theFirstBackupLeavesOutTheCacheThatItMakes() throws Exception {
    Path inside = source.resolve("new/cache");
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Backup backup =
          InProcess.backup(session, key, inside, InProcess.SPAWNER, new BackupProgress());
      BackupSummary summary = backup.run(scope(source, inside, false), InProcess.OPTIONS);
      assertThat(summary.files()).isEqualTo(20);
      assertThat(summary.ownFoldersSkipped()).hasSize(1);
    }
  }

  @Test
  void anotherFileSystemIsLeftOutIfAsked() throws Exception {
    Path mount = Path.of("/dev/shm");
    assumeTrue(
        Files.isDirectory(mount)
            && !Files.getAttribute(mount, "unix:dev")
                .equals(Files.getAttribute(Path.of("/dev"), "unix:dev")));
    Path file = Files.createTempFile(mount, "holdfast", "test");
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Backup backup =
          InProcess.backup(session, key, cache, InProcess.SPAWNER, new BackupProgress());
      BackupSummary summary = backup.run(scope(Path.of("/dev"), cache, true), InProcess.OPTIONS);
      assertThat(summary.mountsSkipped()).isPositive();
      service.restore(key, "latest:/dev/shm", base.resolve("restored"));
      assertThat(base.resolve("restored").resolve(file.getFileName())).doesNotExist();
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void aNameThatNoArchiveCanHaveIsRefusedBeforeAnythingHappens() throws Exception {
    try (InProcess service = InProcess.start(new MemoryBucket(), base.resolve("state"));
        Session session = service.session()) {
      KeyFile key = service.register();
      Backup backup =
          InProcess.backup(session, key, cache, InProcess.SPAWNER, new BackupProgress());
      for (String name : List.of("", "n".repeat(256), "a\nb", "latest", "latest~2")) {
        assertThatThrownBy(() -> backup.run(InProcess.scope(source), options(name, List.of())))
            .as(name)
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("archive");
      }
      for (List<String> tags : List.of(List.of(""), manyTags())) {
        assertThatThrownBy(() -> backup.run(InProcess.scope(source), options("good", tags)))
            .isInstanceOf(RefusedException.class)
            .hasMessageContaining("tag");
      }
      assertThat(backup.outcome()).isEqualTo(Backup.Outcome.NOT_BEGUN);
      assertThat(service.backup(key, cache, source).resumed()).isFalse();
    }
  }

  private static List<String> manyTags() {
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < 65; i++) {
      tags.add("t" + i);
    }
    return tags;
  }

  private static BackupOptions options(String name, List<String> tags) {
    return new BackupOptions(name, tags, "", "host", "user", "holdfast test", 3, 2);
  }

  private static BackupScope scope(Path root, Path own, boolean oneFileSystem) throws Exception {
    return BackupScope.of(
        List.of(bytes(root)),
        List.of(bytes(own)),
        oneFileSystem ? Exclusions.NONE.inOneFileSystem() : Exclusions.NONE);
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void large() throws IOException {
    Files.write(source.resolve("large"), random(LARGE));
  }

  private static byte[] random(int length) {
    byte[] content = new byte[length];
    new Random(5).nextBytes(content);
    return content;
  }

  /// Backs up a little later by its clock, so that the files are not as young as the backup.
  private BackupSummary later(InProcess service, KeyFile key, Path... roots) throws Exception {
    Clock clock =
        new Clock() {
          @Override
          public long wallMillis() {
            return InProcess.CLOCK.wallMillis() + 1000;
          }

          @Override
          public long nanos() {
            return InProcess.CLOCK.nanos();
          }

          @Override
          public void sleepMillis(long millis) throws InterruptedException {
            InProcess.CLOCK.sleepMillis(millis);
          }
        };
    try (Session session = service.session()) {
      return new Backup(
              session,
              key,
              PosixTree::open,
              cache,
              clock,
              InProcess.SPAWNER,
              Spawner.platform(),
              InProcess.RANDOM,
              new BackupProgress())
          .run(InProcess.scope(roots), InProcess.OPTIONS);
    }
  }

  /// Does something, once, before the first task of that name begins.
  private static Spawner beforeFirst(String task, Act act) {
    AtomicBoolean done = new AtomicBoolean();
    return (name, body) -> {
      if (name.equals(task) && !done.getAndSet(true)) {
        try {
          act.run();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
      return InProcess.SPAWNER.spawn(name, body);
    };
  }

  private static Bucket copy(Bucket bucket) throws Exception {
    MemoryBucket copy = new MemoryBucket();
    for (var each : bucket.list("", "", 1000).objects()) {
      Optional<Range> range = bucket.get(each.key(), 0, Math.toIntExact(each.length()));
      copy.putIfAbsent(each.key(), List.of(ByteBuffer.wrap(range.orElseThrow().bytes())));
    }
    return copy;
  }

  private interface Act {
    void run() throws Exception;
  }
}
