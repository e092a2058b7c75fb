package org.holdfast.client.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.client.tree.TemporaryFolder.bytes;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;

final class TreeComparerTest {
  private static final Timestamp TIME = new Timestamp(-5, 999_999_999);
  private static final byte[] ODD = {'o', (byte) 0xff, '\n'};

  private final MemoryTree original = new MemoryTree();
  private final MemoryTree restored = new MemoryTree();

  TreeComparerTest() throws Exception {
    fill(original);
    new Copying(original, restored).run();
  }

  @Test
  void aCopyIsEqual() throws Exception {
    Comparison comparison = compare(original, restored);
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.isEqual()).isTrue();
    assertThat(comparison.entries()).isEqualTo(11);
    assertThat(comparison.bytes()).isEqualTo((1L << 40) + 3 + 6);
  }

  @Test
  void aCopyThroughTheFileSystemIsEqual() throws Exception {
    assumeTrue(TemporaryFolder.isRoot(), "devices and owners need root");
    try (TemporaryFolder folder = new TemporaryFolder();
        PosixTarget first = PosixTarget.open(folder.bytesOf("first"));
        PosixTarget second = PosixTarget.open(folder.bytesOf("second"))) {
      assertThat(new Copying(original, first).run()).isEmpty();
      try (PosixTree tree = PosixTree.open(folder.bytesOf("first"))) {
        assertThat(compare(original, tree).differences()).isEmpty();
        Copying again = new Copying(tree, second);
        assertThat(again.run()).isEmpty();
        assertThat(again.failures()).isEmpty();
        try (PosixTree copy = PosixTree.open(folder.bytesOf("second"))) {
          assertThat(compare(tree, copy).differences()).isEmpty();
        }
      }
    }
  }

  @Test
  void missingAndExtraEntriesAreTold() throws Exception {
    restored.remove(bytes("folder"));
    restored.createFolder(bytes("zoo"));
    assertDiffers("folder: is missing in the restored tree", "zoo: is in the restored tree only");
  }

  @Test
  void anotherTypeIsTold() throws Exception {
    restored.remove(bytes("folder"));
    restored.createSymlink(bytes("folder"), bytes("x"));
    assertDiffers("folder: type was FOLDER, restored as SYMLINK");
  }

  @Test
  void otherMetadataIsTold() throws Exception {
    List<ExtendedAttribute> attributes = List.of(attribute("user.a", "2"), attribute("user.c", ""));
    try (TargetFile file = restored.openExisting(bytes("file"))) {
      file.finish(new Metadata(0644, 11, 12, new Timestamp(-5, 999_999_998), attributes));
    }
    assertDiffers(
        "file: attribute user.a has another value",
        "file: attribute user.b is missing",
        "file: attribute user.c is in the restored tree only",
        "file: group was 2, restored as 12",
        "file: mode was 4755, restored as 0644",
        "file: modification time was -5.999999999, restored as -5.999999998",
        "file: user was 1, restored as 11");
  }

  @Test
  void otherContentIsTold() throws Exception {
    rewrite("file", 1, "x", 3);
    rewrite("sparse", (1L << 40) - 1, "x", 1L << 40);
    assertDiffers(
        "file: content differs at byte 1", "sparse: content differs at byte " + ((1L << 40) - 1));
  }

  @Test
  void anotherSizeIsTold() throws Exception {
    rewrite("file", 3, "x", 4);
    assertDiffers("file: size was 3, restored as 4");
  }

  @Test
  void zerosEqualAHoleButLostHolesAreTold() throws Exception {
    rewrite("sparse", 100_000, "\0", 1L << 40);
    assertThat(compare(original, restored).isEqual()).isTrue();
    byte[] zeros = new byte[4 << 20];
    try (TargetFile file = restored.openExisting(bytes("sparse"))) {
      Metadata metadata = Metadata.of(file.status(), List.of());
      file.write(2 << 20, zeros, 0, zeros.length);
      file.finish(metadata);
    }
    assertThat(compare(original, restored).differences())
        .singleElement()
        .asString()
        .startsWith("sparse: space used was 8192, restored as ");
  }

  @Test
  void brokenAndInventedHardLinksAreTold() throws Exception {
    restored.remove(bytes("folder/link"));
    try (TargetFile file = restored.createFile(bytes("folder/link"))) {
      file.write(0, bytes("abc"), 0, 3);
      file.finish(Metadata.of(original.status(bytes("file")), original.attributes(bytes("file"))));
    }
    Metadata folder = Metadata.of(original.status(bytes("folder")), List.of());
    restored.finish(bytes("folder"), FileType.FOLDER, folder);
    assertDiffers("folder/link: first hard link was file, restored as folder/link");
  }

  @Test
  void otherSymlinksAndDevicesAreTold() throws Exception {
    restored.remove(bytes("symlink"));
    restored.createSymlink(bytes("symlink"), bytes("else\n"));
    restored.finish(bytes("symlink"), FileType.SYMLINK, metadata(0777));
    restored.remove(bytes("device"));
    restored.createSpecial(bytes("device"), FileType.CHAR_DEVICE, 1, 5);
    restored.finish(bytes("device"), FileType.CHAR_DEVICE, metadata(0600));
    assertDiffers(
        "device: device was 1:3, restored as 1:5",
        "symlink: target was nowhere\\xff, restored as else\\x0a");
  }

  @Test
  void linesAreBoundedAndCounted() throws Exception {
    for (int number = 0; number < 50; number++) {
      restored.createFolder(bytes("zoo-" + number));
    }
    Comparison comparison =
        compare(original, restored, new TreeComparer.Options(true, false, 1, 7));
    assertThat(comparison.differences()).hasSize(7);
    assertThat(comparison.differenceCount()).isEqualTo(50);
  }

  @Test
  void ownersAndTheRootsTimeCanBeLeftOut() throws Exception {
    try (TargetFile file = restored.openExisting(bytes("file"))) {
      file.finish(new Metadata(0755, 8, 9, TIME, original.attributes(bytes("file"))));
    }
    restored.finish(
        TreePath.root(), FileType.FOLDER, new Metadata(0700, 0, 0, new Timestamp(9, 9), List.of()));
    assertThat(
            compare(original, restored, new TreeComparer.Options(true, true, 2, 9)).differences())
        .isEmpty();
    assertThat(compare(original, restored).differenceCount()).isEqualTo(4);
  }

  private static void fill(TargetTree tree) throws Exception {
    try (TargetFile file = tree.createFile(bytes("file"))) {
      file.write(0, bytes("abc"), 0, 3);
      List<ExtendedAttribute> attributes =
          List.of(attribute("user.a", "1"), attribute("user.b", ""));
      file.finish(new Metadata(04755, 1, 2, TIME, attributes));
    }
    try (TargetFile file = tree.createFile(bytes("sparse"))) {
      file.write(100, bytes("s"), 0, 1);
      file.write(1 << 20, bytes("t"), 0, 1);
      file.truncate(1L << 40);
      file.finish(metadata(0640));
    }
    try (TargetFile file = tree.createFile(ODD)) {
      file.write(0, bytes("random"), 0, 6);
      file.finish(metadata(0400));
    }
    tree.createFile(bytes("empty")).close();
    tree.createFolder(bytes("folder"));
    tree.createHardLink(bytes("folder/link"), bytes("file"));
    tree.createFolder(bytes("folder/inner"));
    tree.finish(bytes("folder/inner"), FileType.FOLDER, metadata(02000));
    tree.finish(bytes("folder"), FileType.FOLDER, metadata(0500));
    byte[] target = Arrays.copyOf(bytes("nowhere"), 8);
    target[7] = (byte) 0xff;
    tree.createSymlink(bytes("symlink"), target);
    tree.finish(bytes("symlink"), FileType.SYMLINK, metadata(0777));
    tree.createSpecial(bytes("device"), FileType.CHAR_DEVICE, 1, 3);
    tree.finish(bytes("device"), FileType.CHAR_DEVICE, metadata(0600));
    tree.createSpecial(bytes("fifo"), FileType.FIFO, 0, 0);
    tree.finish(bytes("fifo"), FileType.FIFO, metadata(0666));
    tree.finish(TreePath.root(), FileType.FOLDER, metadata(0700));
  }

  private static Metadata metadata(int mode) {
    return new Metadata(mode, 0, 0, TIME, List.of());
  }

  private static ExtendedAttribute attribute(String name, String value) {
    return new ExtendedAttribute(Bytes.wrap(bytes(name)), Bytes.wrap(bytes(value)));
  }

  private void rewrite(String name, long position, String text, long size) throws Exception {
    try (TargetFile file = restored.openExisting(bytes(name))) {
      Metadata metadata = Metadata.of(file.status(), restored.attributes(bytes(name)));
      file.write(position, bytes(text), 0, text.length());
      file.truncate(size);
      file.finish(metadata);
    }
  }

  private void assertDiffers(String... lines) throws Exception {
    assertThat(compare(original, restored).differences())
        .filteredOn(line -> !line.startsWith(".: modification time"))
        .containsExactlyInAnyOrder(lines);
  }

  private static Comparison compare(SourceTree original, SourceTree restored) throws Exception {
    return compare(original, restored, new TreeComparer.Options(false, false, 2, 100));
  }

  private static Comparison compare(
      SourceTree original, SourceTree restored, TreeComparer.Options options) throws Exception {
    return new TreeComparer(Spawner.virtual(), options).compare(original, restored);
  }
}
