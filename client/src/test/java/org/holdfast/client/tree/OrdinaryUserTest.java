package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.client.tree.TemporaryFolder.bytes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.holdfast.client.tree.TreeWalk.Failed;
import org.holdfast.core.Bytes;
import org.junit.jupiter.api.Test;

/// What an ordinary user sees. Where the tests run as root, the facts are checked in a process of a
/// user who owns nothing.
final class OrdinaryUserTest {
  @Test
  void whatAnOrdinaryUserMayNotDoIsAShortfallOrOneClearLine() throws Exception {
    try (TemporaryFolder folder = new TemporaryFolder()) {
      OrdinaryUser.check(folder, OrdinaryUserTest.class, OrdinaryUserTest::checkAll);
    }
  }

  /// Runs as the ordinary user.
  public static void main(String[] arguments) throws Exception {
    checkAll(Path.of(arguments[0]));
  }

  private static void checkAll(Path work) throws Exception {
    try (PosixTarget target = PosixTarget.open(bytes(work.resolve("target").toString()));
        PosixTree tree = PosixTree.open(bytes(work.resolve("target").toString()))) {
      assertThat(target.expectedShortfalls())
          .contains(
              Shortfall.OWNER,
              Shortfall.GROUP,
              Shortfall.SETUID_BITS,
              Shortfall.PRIVILEGED_ATTRIBUTE,
              Shortfall.SPECIAL);
      checkShortfalls(target, tree);
      checkOwnFiles(target, tree);
      checkUnreadable(target, tree);
    }
    assertThatThrownBy(() -> PosixTarget.open(bytes("/proc/holdfast")))
        .isInstanceOf(FileAccessException.class);
    try (PosixTarget forbidden = PosixTarget.open(bytes("/usr"))) {
      assertThatThrownBy(() -> forbidden.createFile(bytes("holdfast-test")))
          .hasMessageMatching(
              "cannot create /usr/holdfast-test: (Permission denied \\(EACCES\\); run as a user"
                  + " who may do this|Read-only file system \\(EROFS\\); .*)");
    }
  }

  private static void checkShortfalls(PosixTarget target, PosixTree tree) throws Exception {
    byte[] name = bytes("foreign");
    ExtendedAttribute trusted =
        new ExtendedAttribute(Bytes.wrap(bytes("trusted.t")), Bytes.wrap(new byte[1]));
    Timestamp time = new Timestamp(1, 2);
    Metadata foreign = new Metadata(06755, 0, 0, time, List.of(trusted));
    try (TargetFile file = target.createFile(name)) {
      assertThat(file.finish(foreign))
          .isEqualTo(
              EnumSet.of(
                  Shortfall.OWNER,
                  Shortfall.GROUP,
                  Shortfall.SETUID_BITS,
                  Shortfall.PRIVILEGED_ATTRIBUTE));
    }
    assertThat(tree.status(name).mode()).isEqualTo(0755);
    assertThat(tree.status(name).mtime()).isEqualTo(time);
    assertThat(target.createSpecial(bytes("null"), FileType.CHAR_DEVICE, 1, 3))
        .containsExactly(Shortfall.SPECIAL);
    assertThat(target.createSpecial(bytes("fifo"), FileType.FIFO, 0, 0)).isEmpty();
    target.createSymlink(bytes("link"), bytes("x"));
    Metadata ofLink = new Metadata(0777, 0, 0, time, List.of());
    assertThat(target.finish(bytes("link"), FileType.SYMLINK, ofLink))
        .isEqualTo(EnumSet.of(Shortfall.OWNER, Shortfall.GROUP));
  }

  /// All that belongs to the user comes back whole, from read-only files and folders too.
  private static void checkOwnFiles(PosixTarget target, PosixTree tree) throws Exception {
    FileStatus root = tree.status(TreePath.root());
    ExtendedAttribute attribute =
        new ExtendedAttribute(Bytes.wrap(bytes("user.u")), Bytes.wrap(new byte[1]));
    boolean hasAttributes = !target.expectedShortfalls().contains(Shortfall.USER_ATTRIBUTE);
    List<ExtendedAttribute> attributes = hasAttributes ? List.of(attribute) : List.of();
    Metadata readOnly =
        new Metadata(04400, root.uid(), root.gid(), new Timestamp(3, 4), attributes);
    Metadata closed = new Metadata(0500, root.uid(), root.gid(), new Timestamp(3, 4), List.of());
    target.createFolder(bytes("own"));
    try (TargetFile file = target.createFile(bytes("own/file"))) {
      file.write(0, bytes("half"), 0, 4);
      assertThat(file.finish(readOnly)).isEqualTo(Set.of());
    }
    assertThat(target.finish(bytes("own"), FileType.FOLDER, closed)).isEqualTo(Set.of());
    byte[] path = bytes("own/file");
    assertThat(Metadata.of(tree.status(path), tree.attributes(path))).isEqualTo(readOnly);
    assertThat(target.createFolder(bytes("own"))).isFalse();
    try (TargetFile file = target.openExisting(path)) {
      file.write(4, bytes("way"), 0, 3);
    }
    target.createFile(bytes("own/second")).close();
  }

  private static void checkUnreadable(PosixTarget target, PosixTree tree) throws Exception {
    FileStatus root = tree.status(TreePath.root());
    Metadata secret = new Metadata(0, root.uid(), root.gid(), new Timestamp(5, 6), List.of());
    try (TargetFile file = target.createFile(bytes("secret"))) {
      file.finish(secret);
    }
    target.createFolder(bytes("closed"));
    target.finish(bytes("closed"), FileType.FOLDER, secret);
    assertThatThrownBy(() -> tree.open(bytes("secret"), tree.status(bytes("secret"))))
        .isInstanceOfSatisfying(
            FileAccessException.class, thrown -> assertThat(thrown.isPermission()).isTrue())
        .hasMessageContaining("/target/secret: Permission denied (EACCES); run as a user");
    List<String> failed = new ArrayList<>();
    int found = 0;
    try (TreeWalk walk = tree.walk()) {
      for (TreeWalk.Step step = walk.next(); step != null; step = walk.next()) {
        found++;
        if (step instanceof Failed failure) {
          failed.add(PathText.print(failure.path()));
        }
      }
    }
    assertThat(failed).containsExactly("closed");
    assertThat(found).as("the walk goes on").isEqualTo(10);
  }
}
