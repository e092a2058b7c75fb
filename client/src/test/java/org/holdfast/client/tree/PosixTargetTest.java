package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.tree.TemporaryFolder.bytes;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PosixTargetTest {
  private static final Timestamp TIME = new Timestamp(1_234_567_890, 123_456_789);

  private TemporaryFolder folder;
  private PosixTarget target;
  private Path root;

  @BeforeEach
  void create() throws Exception {
    folder = new TemporaryFolder();
    root = folder.path("root");
    target = PosixTarget.open(folder.bytesOf("root"));
  }

  @AfterEach
  void delete() throws Exception {
    target.close();
    folder.close();
  }

  @Test
  void pathsThatLeadOutAreRefused() throws Exception {
    Files.writeString(root.resolve("inside"), "x");
    for (String path : List.of("", "/etc/x", "../x", "a/../../x", ".", "..", "a//b", "a\0b")) {
      byte[] hostile = bytes(path);
      byte[] safe = bytes("inside");
      List<ThrowingCallable> operations =
          List.of(
              () -> target.createFolder(hostile),
              () -> target.createFile(hostile),
              () -> target.openExisting(hostile),
              () -> target.createSymlink(hostile, bytes("x")),
              () -> target.createHardLink(hostile, safe),
              () -> target.createHardLink(bytes("new"), hostile),
              () -> target.createSpecial(hostile, FileType.FIFO, 0, 0));
      for (ThrowingCallable operation : operations) {
        assertThatThrownBy(operation).as(path).isInstanceOf(CorruptException.class);
      }
    }
    assertThat(Files.list(folder.path())).containsExactly(root);
    assertThat(Files.list(root)).containsExactly(root.resolve("inside"));
  }

  @Test
  void aPlantedSymlinkIsNeverFollowed() throws Exception {
    Path outside = Files.createDirectory(folder.path("outside"));
    Files.writeString(outside.resolve("file"), "precious");
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("file"), outside.resolve("file"));
    Files.createSymbolicLink(root.resolve("new"), outside.resolve("new"));
    FileStatus before = outsideStatus();
    Metadata metadata = new Metadata(0777, 1, 1, TIME, List.of());
    List<ThrowingCallable> operations =
        List.of(
            () -> target.createFile(bytes("link/x")),
            () -> target.createFolder(bytes("link/x")),
            () -> target.createFolder(bytes("link")),
            () -> target.createSymlink(bytes("link/x"), bytes("y")),
            () -> target.createHardLink(bytes("x"), bytes("link/file")),
            () -> target.createSpecial(bytes("link/x"), FileType.FIFO, 0, 0),
            () -> target.createFile(bytes("new")),
            () -> target.createFile(bytes("file")),
            () -> target.openExisting(bytes("file")),
            () -> target.finish(bytes("link"), FileType.FOLDER, metadata),
            () -> target.finish(bytes("file"), FileType.FIFO, metadata));
    for (ThrowingCallable operation : operations) {
      assertThatThrownBy(operation).isInstanceOf(FileAccessException.class);
    }
    target.createHardLink(bytes("second"), bytes("file"));
    assertThat(Files.isSymbolicLink(root.resolve("second"))).isTrue();
    target.finish(bytes("file"), FileType.SYMLINK, metadata);
    assertThat(outsideStatus()).isEqualTo(before);
    assertThat(Files.list(outside)).hasSize(1);
  }

  @Test
  void nothingIsOverwritten() throws Exception {
    Files.writeString(root.resolve("file"), "precious");
    for (ThrowingCallable operation :
        List.<ThrowingCallable>of(
            () -> target.createFile(bytes("file")),
            () -> target.createFolder(bytes("file")),
            () -> target.createSymlink(bytes("file"), bytes("x")),
            () -> target.createSpecial(bytes("file"), FileType.SOCKET, 0, 0))) {
      assertThatThrownBy(operation)
          .isInstanceOf(FileAccessException.class)
          .hasMessageContaining(root.resolve("file").toString())
          .hasMessageContaining("(EEXIST); remove it or choose an empty target");
    }
    assertThat(root.resolve("file")).hasContent("precious");
  }

  @Test
  void aParentThatIsMissingIsAnError() {
    assertThatThrownBy(() -> target.createFile(bytes("a/b")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageContaining("cannot open folder " + root.resolve("a") + ": No such file");
  }

  @Test
  void manyThreadsWriteOneFileAndWhatIsLeftOutStaysAHole() throws Exception {
    int piece = 700_000;
    byte[] content = new byte[8 * piece];
    new Random(5).nextBytes(content);
    List<Throwable> faults = new ArrayList<>();
    try (TargetFile file = target.createFile(bytes("file"))) {
      List<Thread> threads = new ArrayList<>();
      for (int number = 7; number >= 0; number--) {
        int start = number * piece;
        threads.add(
            Thread.ofPlatform()
                .uncaughtExceptionHandler((_, fault) -> faults.add(fault))
                .start(() -> write(file, content, start, piece)));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      file.truncate(1L << 40);
      assertThat(file.status().allocated()).isLessThan(10 << 20);
      file.truncate(content.length);
    }
    assertThat(faults).isEmpty();
    assertThat(Files.readAllBytes(root.resolve("file"))).isEqualTo(content);
  }

  @Test
  void aRestoreGoesOnAfterAnInterruption() throws Exception {
    target.createFolder(bytes("folder"));
    try (TargetFile file = target.createFile(bytes("folder/file"))) {
      file.write(0, bytes("half"), 0, 4);
      file.finish(new Metadata(0400, 0, 0, TIME, List.of()));
    }
    target.finish(bytes("folder"), FileType.FOLDER, new Metadata(0500, 0, 0, TIME, List.of()));
    assertThat(target.createFolder(bytes("folder"))).isFalse();
    try (TargetFile file = target.openExisting(bytes("folder/file"))) {
      assertThat(file.status().size()).isEqualTo(4);
      file.write(4, bytes("way"), 0, 3);
    }
    assertThat(root.resolve("folder/file")).hasContent("halfway");
  }

  @Test
  void anythingButAFolderIsRemoved() throws Exception {
    target.createFolder(bytes("d"));
    target.createFile(bytes("d/file")).close();
    target.createSymlink(bytes("d/link"), bytes("file"));
    target.remove(bytes("d/link"));
    target.remove(bytes("d/file"));
    assertThat(target.createFolder(bytes("d"))).isFalse();
    assertThatThrownBy(() -> target.remove(bytes("d")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageContaining("cannot remove");
    assertThatThrownBy(() -> target.remove(bytes("d/file")))
        .isInstanceOfSatisfying(
            FileAccessException.class, gone -> assertThat(gone.isVanished()).isTrue());
    assertThatThrownBy(() -> target.remove(bytes("../x"))).isInstanceOf(CorruptException.class);
  }

  @Test
  void onlyRegularFilesAreResumed() throws Exception {
    target.createFolder(bytes("folder"));
    target.createSpecial(bytes("fifo"), FileType.FIFO, 0, 0);
    target.createSpecial(bytes("device"), FileType.CHAR_DEVICE, 1, 3);
    for (String name : List.of("folder", "fifo", "device", "nothing")) {
      assertThatThrownBy(() -> target.openExisting(bytes(name)))
          .isInstanceOf(FileAccessException.class);
    }
  }

  @Test
  void metadataComesOutAsItWentIn() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "owners, devices and capabilities need root");
    // VFS_CAP_REVISION_2, cap_net_raw permitted: what setcap writes (uapi/linux/capability.h).
    byte[] capability = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    List<ExtendedAttribute> attributes =
        List.of(
            attribute("security.capability", capability),
            attribute("system.posix_acl_access", ACL),
            attribute("trusted.t", bytes("secret")),
            attribute("user.u", new byte[] {0, (byte) 0xff}));
    Metadata metadata = new Metadata(06751, 1234, 4_000_000_000L, TIME, attributes);
    try (TargetFile file = target.createFile(bytes("file"))) {
      file.write(0, bytes("x"), 0, 1);
      assertThat(file.finish(metadata)).isEmpty();
    }
    assertHas("file", metadata);
    target.createFolder(bytes("folder"));
    Metadata ofFolder =
        new Metadata(
            03500, 7, 8, new Timestamp(-1, 1), List.of(attribute("system.posix_acl_default", ACL)));
    target.createFile(bytes("folder/child")).close();
    assertThat(target.finish(bytes("folder"), FileType.FOLDER, ofFolder)).isEmpty();
    assertHas("folder", ofFolder);
    target.createSymlink(bytes("link"), bytes("nowhere"));
    Metadata ofLink =
        new Metadata(0777, 9, 10, TIME, List.of(attribute("trusted.t", bytes("on a link"))));
    assertThat(target.finish(bytes("link"), FileType.SYMLINK, ofLink)).isEmpty();
    assertHas("link", ofLink);
  }

  @Test
  void specialEntriesComeOutAsTheyWentIn() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "devices need root");
    Metadata metadata = new Metadata(0640, 3, 4, TIME, List.of());
    int number = 0;
    for (FileType type :
        List.of(FileType.FIFO, FileType.SOCKET, FileType.CHAR_DEVICE, FileType.BLOCK_DEVICE)) {
      String name = "special-" + number++;
      assertThat(target.createSpecial(bytes(name), type, 300, 70_000)).isEmpty();
      assertThat(target.finish(bytes(name), type, metadata)).isEmpty();
      assertHas(name, metadata);
      FileStatus status = status(name);
      assertThat(status.type()).isEqualTo(type);
      assertThat(status.rdevMajor()).isEqualTo(type.isDevice() ? 300 : 0);
      assertThat(status.rdevMinor()).isEqualTo(type.isDevice() ? 70_000 : 0);
    }
  }

  @Test
  void aclsOfTheTargetAreNotInherited() throws Exception {
    try (PosixTarget outer = PosixTarget.open(folder.bytes())) {
      Metadata withDefault =
          Metadata.of(status(""), List.of(attribute("system.posix_acl_default", ACL)));
      assumeTrue(
          outer.finish(bytes("root"), FileType.FOLDER, withDefault).isEmpty(),
          "the file system has no ACLs");
    }
    Metadata plain = Metadata.of(status(""), List.of());
    try (PosixTarget again = PosixTarget.open(folder.bytesOf("root"))) {
      again.createFolder(bytes("folder"));
      try (TargetFile file = again.createFile(bytes("folder/file"))) {
        file.finish(plain);
      }
      again.finish(bytes("folder"), FileType.FOLDER, plain);
    }
    assertHas("folder/file", plain);
    assertHas("folder", plain);
  }

  @Test
  void impossibleSymlinksAreRefused() {
    for (byte[] where : List.of(new byte[0], new byte[] {'a', 0}, new byte[5000])) {
      assertThatThrownBy(() -> target.createSymlink(bytes("link"), where))
          .isInstanceOf(CorruptException.class);
    }
  }

  @Test
  void namesThatAreTooLongAreAnError() {
    for (int length : new int[] {256, 5000}) {
      assertThatThrownBy(() -> target.createFile(bytes("n".repeat(length))))
          .isInstanceOf(FileAccessException.class)
          .hasMessageContaining("ENAMETOOLONG");
      assertThatThrownBy(() -> target.createFile(bytes("n".repeat(length) + "/x")))
          .isInstanceOf(FileAccessException.class)
          .hasMessageContaining("ENAMETOOLONG");
    }
  }

  @Test
  void aFullDiskAndAReadOnlyOneAreToldPlainly() throws Exception {
    Path disk = Files.createDirectory(folder.path("disk"));
    assumeTrue(
        TemporaryFolder.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk.toString()),
        "mounting a small disk needs root");
    try (PosixTarget small = PosixTarget.open(folder.bytesOf("disk"))) {
      try (TargetFile file = small.createFile(bytes("file"))) {
        assertThatThrownBy(() -> file.write(0, new byte[1 << 20], 0, 1 << 20))
            .isInstanceOfSatisfying(
                FileAccessException.class, full -> assertThat(full.isDiskFull()).isTrue())
            .hasMessage(
                "cannot write %s/file: No space left on device (ENOSPC);"
                    + " free some space and go on with --resume",
                disk);
      }
      assertThat(TemporaryFolder.run("mount", "-o", "remount,ro", disk.toString())).isTrue();
      assertThatThrownBy(() -> small.createFolder(bytes("folder")))
          .hasMessage(
              "cannot create folder %s/folder: Read-only file system (EROFS);"
                  + " choose a target that can be written",
              disk);
    } finally {
      TemporaryFolder.run("umount", "-l", disk.toString());
    }
  }

  @Test
  void theRootIsCreatedOrOpened() throws Exception {
    assertThat(target.isEmpty()).isTrue();
    target.createFolder(bytes("a"));
    assertThat(target.isEmpty()).isFalse();
    target.sync();
    assertThatThrownBy(() -> PosixTarget.open(folder.bytesOf("x/y")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageContaining("(ENOENT)");
    Files.writeString(folder.path("file"), "x");
    assertThatThrownBy(() -> PosixTarget.open(folder.bytesOf("file")))
        .isInstanceOf(FileAccessException.class)
        .hasMessageContaining("(ENOTDIR)");
    Files.createSymbolicLink(folder.path("link"), root);
    try (PosixTarget linked = PosixTarget.open(folder.bytesOf("link"))) {
      assertThat(linked.isEmpty()).isFalse();
    }
  }

  @Test
  void noFileStaysOpen() throws Exception {
    long before = folder.openFiles();
    try (PosixTarget other = PosixTarget.open(folder.bytesOf("other"))) {
      for (int number = 0; number < 200; number++) {
        byte[] name = bytes("folder-" + number);
        other.createFolder(name);
        try (TargetFile file = other.createFile(TreePath.join(name, bytes("file")))) {
          file.finish(new Metadata(0600, 0, 0, TIME, List.of()));
        }
        other.finish(name, FileType.FOLDER, new Metadata(0500, 0, 0, TIME, List.of()));
      }
      assertThat(folder.openFiles()).isLessThan(before + 80);
    }
    assertThat(folder.openFiles()).isEqualTo(before);
  }

  /// Version 2; owner rwx, user 1 r, group r-x, mask r-x, others none (`linux/posix_acl_xattr.h`).
  private static final byte[] ACL = {
    2, 0, 0, 0, 1, 0, 7, 0, -1, -1, -1, -1, 2, 0, 4, 0, 1, 0, 0, 0, 4, 0, 5, 0, -1, -1, -1, -1, 16,
    0, 5, 0, -1, -1, -1, -1, 32, 0, 1, 0, -1, -1, -1, -1
  };

  private static ExtendedAttribute attribute(String name, byte[] value) {
    return new ExtendedAttribute(Bytes.wrap(bytes(name)), Bytes.wrap(value));
  }

  private static void write(TargetFile file, byte[] content, int start, int length) {
    try {
      file.write(start, content, start, length);
    } catch (FileAccessException failed) {
      throw new AssertionError(failed);
    }
  }

  private FileStatus status(String name) throws Exception {
    try (PosixTree tree = PosixTree.open(folder.bytesOf("root"))) {
      return tree.status(bytes(name));
    }
  }

  private FileStatus outsideStatus() throws Exception {
    assertThat(Files.isRegularFile(folder.path("outside/file"), LinkOption.NOFOLLOW_LINKS))
        .isTrue();
    try (PosixTree tree = PosixTree.open(folder.bytesOf("outside/file"))) {
      return tree.status(TreePath.root());
    }
  }

  private void assertHas(String name, Metadata expected) throws Exception {
    try (PosixTree tree = PosixTree.open(folder.bytesOf("root"))) {
      byte[] path = bytes(name);
      Metadata found = Metadata.of(tree.status(path), tree.attributes(path));
      assertThat(found).isEqualTo(expected);
    }
  }

  @Test
  void nothingIsMissingForRoot() {
    assumeTrue(TemporaryFolder.isRoot(), "others lack rights");
    assertThat(target.expectedShortfalls()).isEqualTo(Set.of());
  }
}
