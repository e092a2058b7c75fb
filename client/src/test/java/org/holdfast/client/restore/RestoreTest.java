package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.restore.RestoreFixture.SMALL;
import static org.holdfast.client.restore.RestoreFixture.bytes;
import static org.holdfast.client.restore.RestoreFixture.content;
import static org.holdfast.client.restore.RestoreFixture.path;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.TemporaryFolder;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RestoreTest {
  private RestoreFixture fixture;

  @BeforeEach
  void create() throws Exception {
    fixture = new RestoreFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void everyKindOfEntryComesBackAsItWas() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "devices and owners need root");
    fixture.fillWithEverything();
    List<Entry> entries = fixture.archive(16_000);
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
    fixture.assertRestored();
    assertThat(summary.isComplete()).isTrue();
    assertThat(summary.shortfalls()).isEmpty();
    assertThat(summary.files() + summary.folders() + summary.others())
        .isEqualTo(entries.size() - 1);
    assertThat(fixture.progress.entries()).isEqualTo(entries.size());
    assertThat(fixture.progress.entries()).isEqualTo(fixture.progress.entriesTotal());
    assertThat(fixture.progress.bytes()).isEqualTo(fixture.progress.bytesTotal());
    assertThat(summary.bytes()).isEqualTo(fixture.progress.bytes());
  }

  @Test
  void theSizeOfWindowsChangesNothing() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "devices and owners need root");
    fixture.fillWithEverything();
    fixture.archive(16_000);
    for (Window.Sizes sizes :
        List.of(
            new Window.Sizes(1, 1, 1, 1),
            new Window.Sizes(100, 1_000, 1_000, 1_000),
            Window.Sizes.DEFAULT)) {
      fixture.restore(RestoreOptions.WHOLE, sizes);
      fixture.assertRestored();
      TemporaryFolder.run("rm", "-rf", fixture.folder.path("target").toString());
    }
  }

  @Test
  void aFileLargerThanSeveralWindowsComesBack() throws Exception {
    byte[] content = content(1, 1_000_000);
    java.util.Arrays.fill(content, 200_000, 500_000, (byte) 0);
    fixture.file("large", content);
    fixture.file("later", bytes("small"));
    fixture.archive(9_000);
    RestoreSummary summary = fixture.restore(RestoreOptions.WHOLE);
    assertThat(fixture.service.fetches()).as("windows").isGreaterThan(20);
    assertThat(summary.bytes()).isEqualTo(1_000_005);
    fixture.assertRestored();
  }

  @Test
  void smallFilesThatShareAChunkCostItOnce() throws Exception {
    for (int i = 0; i < 12; i++) {
      fixture.file("small-" + (char) ('a' + i), content(i, 100));
    }
    fixture.archive(1 << 20);
    long before = fixture.service.fetches();
    fixture.restore(RestoreOptions.WHOLE);
    fixture.assertRestored();
    assertThat(fixture.service.fetches() - before)
        .as("root twice and its run, a page, a chunk")
        .isEqualTo(5);
  }

  @Test
  void aSubtreeGoesStraightIntoTheTarget() throws Exception {
    fillHome();
    fixture.archive(4_096);
    RestoreSummary summary = fixture.restore(options("home/me"));
    assertThat(names()).containsExactly("docs", "docs/a", "docs/b", "file");
    assertThat(summary.files()).isEqualTo(3);
    assertThat(Files.readString(file("docs/a"))).isEqualTo("a");
  }

  @Test
  void aSingleFileGoesUnderItsLastName() throws Exception {
    fillHome();
    fixture.archive(4_096);
    fixture.restore(options("home/me/docs/b"));
    assertThat(names()).containsExactly("b");
    assertThat(Files.readString(file("b"))).isEqualTo("b");
    assertThat(fixture.progress.entriesTotal()).isEqualTo(1);
    assertThat(fixture.progress.entries()).isEqualTo(1);
    assertThat(fixture.progress.bytesTotal()).isEqualTo(1);
  }

  @Test
  void includesBringTheFoldersAboveThemAndNothingElse() throws Exception {
    fillHome();
    fixture.archive(4_096);
    List<ArchivePath> includes =
        List.of(path("home/me/docs"), path("home/me/docs/a"), path("etc/x"));
    RestoreSummary summary = fixture.restore(RestoreOptions.of(ArchivePath.ROOT, includes));
    assertThat(names())
        .containsExactly(
            "etc", "etc/x", "home", "home/me", "home/me/docs", "home/me/docs/a", "home/me/docs/b");
    assertThat(summary.folders()).isEqualTo(4);
    try (PosixTree restored = PosixTree.open(fixture.target())) {
      assertThat(restored.status(bytes("home/me")).mode()).isEqualTo(0750);
      assertThat(restored.status(bytes("home")).mtime().seconds()).isEqualTo(1_234_567);
    }
  }

  @Test
  void pathsThatAreNotThereAreRefusedBeforeAnythingIsWritten() throws Exception {
    fillHome();
    fixture.archive(4_096);
    assertRefused(options("home/you"), "there is no such path in archive archive-0");
    RestoreOptions missing = RestoreOptions.of(ArchivePath.ROOT, List.of(path("etc/y")));
    assertRefused(missing, "there is no such path");
    RestoreOptions outside = RestoreOptions.of(path("home"), List.of(path("etc/x")));
    assertRefused(outside, "not within what is restored");
    assertThat(fixture.folder.path("target")).as("not even the target is made").doesNotExist();
  }

  @Test
  void whatIsRestoredIsOnDiskWhenTheRestoreIsDone() throws Exception {
    fillHome();
    fixture.archive(4_096);
    MemoryTree tree = new MemoryTree();
    fixture.restore(new RenumberingTarget(tree, 0), RestoreOptions.WHOLE, Window.Sizes.DEFAULT);
    assertThat(tree.isSynced()).isTrue();
  }

  @Test
  void aTargetThatIsNotEmptyIsRefused() throws Exception {
    fillHome();
    fixture.archive(4_096);
    Files.createDirectories(file("something"));
    assertRefused(RestoreOptions.WHOLE, "not empty: name an empty one with --target", "--resume");
    assertThat(names()).containsExactly("something");
  }

  @Test
  void theFirstRestoredNameTakesThePlaceOfOneThatIsNotRestored() throws Exception {
    fixture.folder("a");
    fixture.folder("b");
    fixture.file("a/first", content(1, 300));
    fixture.tree.createHardLink(bytes("a/second"), bytes("a/first"));
    fixture.tree.createHardLink(bytes("b/fourth"), bytes("a/first"));
    fixture.tree.createHardLink(bytes("b/third"), bytes("a/first"));
    fixture.archive(100);
    fixture.restore(options("b"));
    assertThat(names()).containsExactly("fourth", "third");
    assertThat(Files.readAllBytes(file("third"))).isEqualTo(content(1, 300));
    assertThat(Files.getAttribute(file("third"), "unix:ino"))
        .isEqualTo(Files.getAttribute(file("fourth"), "unix:ino"));
    assertThat(Files.getAttribute(file("third"), "unix:nlink")).isEqualTo(2);
  }

  @Test
  void anInterruptedRestoreGoesOnWhereItWas() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "devices and owners need root");
    fixture.fillWithEverything();
    fixture.file("large", content(3, 200_000));
    fixture.file("zz", content(4, 100));
    List<Entry> entries = fixture.archive(16_000);
    fixture.restore(RestoreOptions.WHOLE);
    long fetched = fixture.service.fetchedBytes();
    Files.write(file("large"), new byte[300_000]);
    Files.delete(file("zz"));
    Files.createSymbolicLink(file("zz"), Path.of("/etc/passwd"));
    RestoreSummary summary = fixture.restore(resume());
    fixture.assertRestored();
    assertThat(summary.isComplete()).isTrue();
    assertThat(summary.kept()).isBetween(100L, (long) entries.size());
    assertThat(fixture.service.fetchedBytes() - fetched)
        .as("only what was missing, and the archive's head")
        .isLessThan(fetched / 2);
  }

  @Test
  void whatIsThereDoesNotShowThroughHolesOfAResumedFile() throws Exception {
    byte[] content = content(5, 50_000);
    java.util.Arrays.fill(content, 8_192, 40_960, (byte) 0);
    fixture.file("sparse", content);
    fixture.archive(8_192);
    fixture.createTarget();
    Files.write(file("sparse"), content(6, 70_000));
    fixture.restore(resume());
    fixture.assertRestored();
  }

  @Test
  void aResumedRestoreWritesThroughNoOtherNameOfAFile() throws Exception {
    fixture.file("file", content(5, 50));
    fixture.archive(8_192);
    fixture.createTarget();
    Path outside = Files.writeString(fixture.folder.path("outside"), "mine");
    Files.createLink(file("file"), outside);
    fixture.restore(resume());
    fixture.assertRestored();
    assertThat(Files.readString(outside)).isEqualTo("mine");
  }

  @Test
  void aResumedRestoreTrustsNoFileWithOtherNames() throws Exception {
    fixture.file("file", content(5, 50));
    fixture.archive(8_192);
    fixture.restore(RestoreOptions.WHOLE);
    Path outside = Files.write(fixture.folder.path("outside"), content(6, 50));
    Files.setLastModifiedTime(outside, Files.getLastModifiedTime(file("file")));
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("r-x------"));
    Files.delete(file("file"));
    Files.createLink(file("file"), outside);
    assertThat(fixture.restore(resume()).kept()).isZero();
    fixture.assertRestored();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)))
        .isEqualTo("r-x------");
  }

  @Test
  void aResumedRestoreTrustsNoFileThatHasOnlyItsSize() throws Exception {
    fixture.file("file", content(5, 50));
    fixture.archive(8_192);
    fixture.restore(RestoreOptions.WHOLE);
    FileTime time = Files.getLastModifiedTime(file("file"));
    try (FileChannel channel = FileChannel.open(file("file"), StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
    try (RandomAccessFile grown = new RandomAccessFile(file("file").toFile(), "rw")) {
      grown.setLength(50);
    }
    Files.setLastModifiedTime(file("file"), time);
    assertThat(fixture.restore(resume()).kept()).isZero();
    fixture.assertRestored();
  }

  @Test
  void contentIsOnDiskBeforeTheTimeThatVouchesForIt() throws Exception {
    byte[] sparse = content(5, 50_000);
    Arrays.fill(sparse, 8_192, 40_960, (byte) 0);
    fixture.file("empty", bytes(""));
    fixture.file("large", content(1, 1_100_000));
    fixture.file("pieces", content(2, 9_000));
    fixture.file("small", content(3, 50));
    fixture.file("sparse", sparse);
    fixture.archive(8_192);
    OtherNumbers to = new OtherNumbers();
    fixture.restore(to.target(), RestoreOptions.WHOLE, SMALL);
    assertThat(to.tree.filesSyncedInTime()).as("all but the empty and the small").isEqualTo(3);
  }

  @Test
  void ownersGoByNameWhereTheNameIsKnown() throws Exception {
    fixture.file("file", bytes("x"));
    try (var file = fixture.tree.openExisting(bytes("file"))) {
      file.finish(RestoreFixture.metadata(0644, 7));
    }
    fixture.archive(4_096);
    OtherNumbers byName = new OtherNumbers();
    fixture.restore(byName.target(), RestoreOptions.WHOLE, SMALL);
    assertThat(byName.tree.status(bytes("file")).uid()).isEqualTo(1_007);
    assertThat(byName.tree.status(bytes("file")).gid()).isEqualTo(7);
    OtherNumbers byNumber = new OtherNumbers();
    RestoreOptions numeric =
        RestoreOptions.of(ArchivePath.ROOT, List.of()).ownedBy(Owners.BY_NUMBER);
    fixture.restore(byNumber.target(), numeric, SMALL);
    assertThat(byNumber.tree.status(bytes("file")).uid()).isEqualTo(7);
  }

  @Test
  void aFullDiskStopsTheRestoreWithOneLineAndLeavesNothingHalfWritten() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "mounting needs root");
    Files.createDirectories(fixture.folder.path("target"));
    String target = fixture.folder.path("target").toString();
    assumeTrue(TemporaryFolder.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", target));
    try {
      fixture.file("a", content(1, 100_000));
      fixture.file("b", content(2, 2_000_000));
      fixture.file("c", content(3, 100_000));
      fixture.archive(50_000);
      assertThatThrownBy(() -> fixture.restore(RestoreOptions.WHOLE))
          .isInstanceOf(FileAccessException.class)
          .hasMessageMatching("cannot write .*/b: No space left on device .*--resume");
      assertThat(names()).containsExactly("a");
      assertThat(Files.readAllBytes(file("a"))).isEqualTo(content(1, 100_000));
    } finally {
      TemporaryFolder.run("umount", target);
    }
  }

  @Test
  void noFileStaysOpen() throws Exception {
    fixture.file("large", content(1, 100_000));
    fixture.archive(5_000);
    fixture.restore(RestoreOptions.WHOLE);
    long before = fixture.folder.openFiles();
    fixture.restore(resume());
    assertThat(fixture.folder.openFiles()).isEqualTo(before);
  }

  private void fillHome() throws Exception {
    for (String each : List.of("etc", "home", "home/me", "home/me/docs", "home/you too")) {
      fixture.folder(each);
    }
    for (String each :
        List.of("etc/x", "home/me/docs/a", "home/me/docs/b", "home/me/file", "home/you too/y")) {
      fixture.file(each, bytes(each.substring(each.lastIndexOf('/') + 1)));
    }
    fixture.finishFolders("home/me/docs", "home/me", "home");
  }

  private void assertRefused(RestoreOptions options, String... texts) {
    assertThatThrownBy(() -> fixture.restore(options))
        .isInstanceOf(RefusedException.class)
        .hasMessageContainingAll(texts);
  }

  private static RestoreOptions options(String subtree) throws Exception {
    return RestoreOptions.of(path(subtree), List.of());
  }

  private static RestoreOptions resume() {
    return RestoreOptions.of(ArchivePath.ROOT, List.of()).over(Overwrite.CHANGED);
  }

  private Path file(String name) {
    return fixture.folder.path("target").resolve(name);
  }

  private List<String> names() throws Exception {
    Path root = fixture.folder.path("target");
    try (var all = Files.walk(root)) {
      return all.filter(each -> !each.equals(root))
          .map(each -> root.relativize(each).toString())
          .sorted()
          .toList();
    }
  }

  /// A target where users have other numbers than in the archive.
  private static final class OtherNumbers {
    private final MemoryTree tree = new MemoryTree();

    org.holdfast.client.tree.TargetTree target() {
      return new RenumberingTarget(tree, 1_000);
    }
  }
}
