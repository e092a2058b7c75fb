package org.holdfast.client.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.tree.TemporaryFolder.bytes;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.client.tree.TreeWalk.Failed;
import org.holdfast.client.tree.TreeWalk.Found;
import org.holdfast.client.tree.TreeWalk.Step;
import org.holdfast.core.Bytes;
import org.holdfast.core.RefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PosixTreeTest {
  private TemporaryFolder folder;

  @BeforeEach
  void create() throws Exception {
    folder = new TemporaryFolder();
  }

  @AfterEach
  void delete() throws Exception {
    folder.close();
  }

  @Test
  void aWalkIsInTheArchivesOrder() throws Exception {
    for (String name : List.of("b", "a.b", "a", "é", "Z")) {
      Files.createDirectory(folder.path(name));
      Files.writeString(folder.path(name).resolve("file"), name);
    }
    assertThat(walked(folder.bytes()))
        .containsExactly(
            "",
            "Z",
            "Z/file",
            "a",
            "a/file",
            "a.b",
            "a.b/file",
            "b",
            "b/file",
            "\u00c3\u00a9",
            "\u00c3\u00a9/file");
  }

  @Test
  void namesAreBytes() throws Exception {
    byte[] name = {'x', (byte) 0xff, '\n', (byte) 0x80};
    try (PosixTarget target = PosixTarget.open(folder.bytes())) {
      target.createFile(name).close();
    }
    try (PosixTree tree = PosixTree.open(folder.bytes())) {
      assertThat(tree.status(name).type()).isEqualTo(FileType.REGULAR);
    }
    assertThat(walked(folder.bytes())).containsExactly("", new String(name, ISO_8859_1));
  }

  @Test
  void statusAgreesWithTheJdk() throws Exception {
    Files.writeString(folder.path("file"), "content");
    Files.createLink(folder.path("other"), folder.path("file"));
    Files.setLastModifiedTime(
        folder.path("file"), FileTime.from(Instant.ofEpochSecond(-12345, 123_456_789)));
    Files.createSymbolicLink(folder.path("link"), Path.of("file"));
    for (String path : List.of("file", "link", ".")) {
      assertAgrees(folder.path(path).normalize());
    }
    assertAgrees(Path.of("/dev/null"));
    assertAgrees(Path.of("/dev"));
  }

  @Test
  void theRootMayBeAFileOrASymlinkOrEndWithASlash() throws Exception {
    Files.createDirectory(folder.path("folder"));
    Files.writeString(folder.path("folder/file"), "x");
    Files.createSymbolicLink(folder.path("link"), Path.of("folder"));
    assertThat(walked(folder.bytesOf("folder/file"))).containsExactly("");
    assertThat(walked(folder.bytesOf("link"))).containsExactly("");
    assertThat(walked(bytes(folder.path("link") + "/"))).containsExactly("", "file");
    assertThat(walked(bytes(folder.path("folder") + "/."))).containsExactly("", "file");
    assertThat(walked(bytes(folder.path("folder") + "/..")))
        .containsExactly("", "folder", "folder/file", "link");
    try (PosixTree tree = PosixTree.open(folder.bytesOf("link"))) {
      assertThat(tree.symlinkTarget(TreePath.root())).isEqualTo(bytes("folder"));
    }
  }

  @Test
  void aRootThatIsMissingIsAStepThatFailed() throws Exception {
    try (PosixTree tree = PosixTree.open(folder.bytesOf("nothing"));
        TreeWalk walk = tree.walk()) {
      assertThat(walk.next())
          .isInstanceOfSatisfying(
              Failed.class,
              failed ->
                  assertThat(failed.reason())
                      .hasMessageContaining("cannot look at " + folder.path("nothing"))
                      .hasMessageContaining("No such file or directory (ENOENT)"));
      assertThat(walk.next()).isNull();
    }
  }

  @Test
  void anEmptyRootIsRefused() {
    assertThatThrownBy(() -> PosixTree.open(new byte[0])).isInstanceOf(RefusedException.class);
    assertThatThrownBy(() -> PosixTree.open(new byte[] {'a', 0}))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void whatVanishesDuringTheWalkIsReportedAndTheWalkGoesOn() throws Exception {
    for (String name : List.of("a", "b", "c")) {
      Files.writeString(folder.path(name), name);
    }
    try (PosixTree tree = PosixTree.open(folder.bytes());
        TreeWalk walk = tree.walk()) {
      walk.next();
      assertThat(walk.next()).isInstanceOf(Found.class);
      Files.delete(folder.path("b"));
      assertThat(walk.next())
          .isInstanceOfSatisfying(
              Failed.class, failed -> assertThat(failed.reason().isVanished()).isTrue());
      assertThat(walk.next()).isInstanceOf(Found.class);
      assertThat(walk.next()).isNull();
    }
  }

  @Test
  void aFolderThatBecomesASymlinkIsNotEntered() throws Exception {
    Files.createDirectory(folder.path("a"));
    Files.createDirectory(folder.path("secret"));
    Files.writeString(folder.path("secret/file"), "x");
    try (PosixTree tree = PosixTree.open(folder.bytes());
        TreeWalk walk = tree.walk()) {
      walk.next();
      walk.next();
      Files.delete(folder.path("a"));
      Files.createSymbolicLink(folder.path("a"), Path.of("secret"));
      assertThat(walk.next()).isInstanceOf(Failed.class);
      assertThatThrownBy(() -> tree.status(bytes("a/file")))
          .isInstanceOf(FileAccessException.class);
    }
  }

  @Test
  void childrenCanBeLeftOut() throws Exception {
    Files.createDirectories(folder.path("a/b"));
    Files.createDirectory(folder.path("c"));
    try (PosixTree tree = PosixTree.open(folder.bytes());
        TreeWalk walk = tree.walk()) {
      walk.next();
      walk.next();
      walk.skipChildren();
      assertThat(walk.next())
          .isInstanceOfSatisfying(
              Found.class, found -> assertThat(found.path()).isEqualTo(bytes("c")));
      assertThat(walk.next()).isNull();
    }
  }

  @Test
  void pathsMayBeLongerThanTheSystemsLimit() throws Exception {
    long before = folder.openFiles();
    int depth = PosixWalk.OPEN_FOLDERS + 150;
    byte[] name = bytes("n".repeat(60));
    byte[] path = TreePath.root();
    try (PosixTarget target = PosixTarget.open(folder.bytes())) {
      for (int level = 0; level < depth; level++) {
        path = TreePath.join(path, name);
        target.createFolder(path);
        target.createFile(TreePath.join(TreePath.parent(path), bytes("z" + level))).close();
      }
      try (TargetFile file = target.createFile(TreePath.join(path, bytes("deep")))) {
        file.write(0, bytes("found"), 0, 5);
      }
    }
    List<String> paths = walked(folder.bytes());
    assertThat(paths).hasSize(2 + 2 * depth).last().isEqualTo("z0");
    byte[] deepest = TreePath.join(path, bytes("deep"));
    try (PosixTree tree = PosixTree.open(folder.bytes());
        SourceFile file = tree.open(deepest, tree.status(deepest))) {
      assertThat(file.read(new byte[10], 0, 10)).isEqualTo(5);
    }
    assertThat(walked(TreePath.join(folder.bytes(), path)))
        .as("a root beyond the limit")
        .containsExactly("", "deep");
    assertThat(folder.openFiles()).isEqualTo(before);
  }

  @Test
  void tenThousandFilesInAFolderAreFoundInOrder() throws Exception {
    try (PosixTarget target = PosixTarget.open(folder.bytes())) {
      for (int number = 0; number < 10_000; number++) {
        target.createFile(bytes("file-" + number)).close();
      }
    }
    List<String> paths = walked(folder.bytes());
    assertThat(paths).hasSize(10_001).isSorted();
  }

  @Test
  void attributesAreRead() throws Exception {
    Files.writeString(folder.path("file"), "x");
    var view = Files.getFileAttributeView(folder.path("file"), UserDefinedFileAttributeView.class);
    view.write("b", ByteBuffer.wrap(new byte[] {0, 1, (byte) 0xff}));
    view.write("a", ByteBuffer.allocate(0));
    Files.createSymbolicLink(folder.path("link"), Path.of("file"));
    try (PosixTree tree = PosixTree.open(folder.bytes())) {
      assertThat(tree.attributes(bytes("file")))
          .containsExactly(
              new ExtendedAttribute(Bytes.wrap(bytes("user.a")), Bytes.wrap(new byte[0])),
              new ExtendedAttribute(
                  Bytes.wrap(bytes("user.b")), Bytes.wrap(new byte[] {0, 1, (byte) 0xff})));
      assertThat(tree.attributes(bytes("link"))).as("not followed").isEmpty();
      assertThat(tree.attributes(TreePath.root())).isEmpty();
    }
  }

  @Test
  void accountsHaveNames() throws Exception {
    try (PosixTree tree = PosixTree.open(folder.bytes());
        PosixTarget target = PosixTarget.open(folder.bytes())) {
      assertThat(tree.userName(0)).hasValue(bytes("root"));
      assertThat(tree.groupName(0)).hasValue(bytes("root"));
      assertThat(tree.userName(4_000_000_123L)).isEmpty();
      assertThat(target.userNumber(bytes("root"))).hasValue(0);
      assertThat(target.groupNumber(bytes("root"))).hasValue(0);
      assertThat(target.groupNumber(bytes("no such group"))).isEmpty();
      assertThat(target.userNumber(new byte[] {'a', 0})).isEmpty();
    }
  }

  @Test
  void otherSystemsAreRefused() {
    assertThatThrownBy(() -> Platform.check("Windows 11", "amd64"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("file access is built for Linux so far");
    assertThatThrownBy(() -> Platform.check("Linux", "riscv64"))
        .isInstanceOf(RefusedException.class);
  }

  private static List<String> walked(byte[] root) throws Exception {
    List<String> paths = new ArrayList<>();
    try (PosixTree tree = PosixTree.open(root);
        TreeWalk walk = tree.walk()) {
      for (Step step = walk.next(); step != null; step = walk.next()) {
        assertThat(step).isInstanceOf(Found.class);
        paths.add(new String(step.path(), ISO_8859_1));
      }
    }
    return paths;
  }

  private static void assertAgrees(Path path) throws Exception {
    Map<String, Object> jdk = Files.readAttributes(path, "unix:*", LinkOption.NOFOLLOW_LINKS);
    try (PosixTree tree = PosixTree.open(bytes(path.toString()))) {
      FileStatus status = tree.status(TreePath.root());
      assertThat(status.type().modeBits() | status.mode()).isEqualTo(jdk.get("mode"));
      assertThat((int) status.uid()).isEqualTo(jdk.get("uid"));
      assertThat((int) status.gid()).isEqualTo(jdk.get("gid"));
      assertThat(status.size()).isEqualTo(jdk.get("size"));
      assertThat(status.inode()).isEqualTo(jdk.get("ino"));
      assertThat((int) status.links()).isEqualTo(jdk.get("nlink"));
      long device =
          Integer.toUnsignedLong(
              PosixTarget.deviceNumber((int) (status.device() >> 32), (int) status.device()));
      assertThat(device).isEqualTo(jdk.get("dev"));
      assertThat(
              Integer.toUnsignedLong(
                  PosixTarget.deviceNumber(status.rdevMajor(), status.rdevMinor())))
          .isEqualTo(jdk.get("rdev"));
      assertThat(status.mtime()).isEqualTo(timestamp(jdk.get("lastModifiedTime")));
      assertThat(status.ctime()).isEqualTo(timestamp(jdk.get("ctime")));
    }
  }

  private static Timestamp timestamp(Object time) {
    Instant instant = ((FileTime) time).toInstant();
    return new Timestamp(instant.getEpochSecond(), instant.getNano());
  }
}
