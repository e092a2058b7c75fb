package org.holdfast.client.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.ArchiveMaker;
import org.holdfast.client.catalog.ArchiveService;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.tree.Comparison;
import org.holdfast.client.tree.ExtendedAttribute;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.Metadata;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.TargetTree;
import org.holdfast.client.tree.TemporaryFolder;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreeComparer;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.Bytes;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;

/// A tree in memory, its archive on a service, and a folder to restore it into.
final class RestoreFixture implements AutoCloseable {
  static final Window.Sizes SMALL = new Window.Sizes(10_000, 7, 20, 2);

  final ArchiveService service = new ArchiveService();
  final MemoryTree tree = new MemoryTree();
  final TemporaryFolder folder = new TemporaryFolder();
  final RestoreProgress progress = new RestoreProgress();
  private int runs;

  RestoreFixture() throws Exception {}

  static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  static ArchivePath path(String text) throws Exception {
    return ArchivePath.of(bytes(text));
  }

  static byte[] content(long seed, int length) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  byte[] target() {
    return folder.bytesOf("target");
  }

  void createTarget() throws Exception {
    PosixTarget.open(target()).close();
  }

  /// Archives the tree; its chunks are that long.
  List<Entry> archive(int chunkBytes) throws Exception {
    try (ArchiveMaker maker = new ArchiveMaker(service)) {
      List<Entry> entries = new TreeArchiver(maker, tree, chunkBytes).entries();
      maker.archive("archive-" + runs++, entries);
      return entries;
    }
  }

  RestoreSummary restore(RestoreOptions options) throws Exception {
    return restore(options, SMALL);
  }

  RestoreSummary restore(RestoreOptions options, Window.Sizes sizes) throws Exception {
    return restore(() -> PosixTarget.open(target()), options, sizes);
  }

  RestoreSummary restore(TargetTree to, RestoreOptions options, Window.Sizes sizes)
      throws Exception {
    return restore(() -> to, options, sizes);
  }

  private RestoreSummary restore(Restore.Opening to, RestoreOptions options, Window.Sizes sizes)
      throws Exception {
    try (Catalog catalog = Catalog.open(service.session(), service.keyFile())) {
      Archive archive = catalog.read(catalog.list(Optional.empty()).select("latest"));
      return new Restore(
              catalog.blocks(),
              archive,
              to,
              options,
              progress,
              new SystemClock(),
              Spawner.virtual(),
              2,
              sizes)
          .run();
    }
  }

  void assertRestored() throws Exception {
    assertEqual(tree, false);
  }

  void assertEqual(SourceTree original, boolean ignoresOwners) throws Exception {
    TreeComparer comparer =
        new TreeComparer(Spawner.virtual(), new TreeComparer.Options(true, ignoresOwners, 1, 20));
    try (PosixTree restored = PosixTree.open(target())) {
      Comparison comparison = comparer.compare(original, restored);
      assertThat(comparison.differences()).isEmpty();
      assertThat(comparison.isEqual()).isTrue();
    }
  }

  void folder(String path) throws Exception {
    tree.createFolder(bytes(path));
  }

  void file(String path, byte[] content) throws Exception {
    file(bytes(path), content, content.length);
  }

  /// Content, then a hole up to the size; blocks of zeros are left out.
  void file(byte[] path, byte[] content, long size) throws Exception {
    try (TargetFile file = tree.createFile(path)) {
      for (int at = 0; at < content.length; at += 4096) {
        int length = Math.min(4096, content.length - at);
        if (!isZero(content, at, length)) {
          file.write(at, content, at, length);
        }
      }
      file.truncate(size);
      file.finish(metadata(0644, 0));
    }
  }

  /// Gives every folder its metadata, as a tree that is left alone has.
  void finishFolders(String... paths) throws Exception {
    for (String each : paths) {
      tree.finish(bytes(each), FileType.FOLDER, metadata(0750, 0));
    }
  }

  static Metadata metadata(int mode, long owner, ExtendedAttribute... attributes) {
    return new Metadata(
        mode, owner, owner, new Timestamp(1_234_567, 890_123_456), List.of(attributes));
  }

  /// Some of everything that a tree can hold.
  void fillWithEverything() throws Exception {
    Random random = new Random(5);
    List<byte[]> folders = new ArrayList<>(List.of(TreePath.root()));
    for (int i = 0; i < 40; i++) {
      byte[] parent = folders.get(random.nextInt(folders.size()));
      byte[] path = TreePath.join(parent, name(random, "d" + i));
      tree.createFolder(path);
      folders.add(path);
    }
    List<byte[]> linkable = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      byte[] path =
          TreePath.join(folders.get(random.nextInt(folders.size())), name(random, "f" + i));
      if (i % 9 == 0 && !linkable.isEmpty()) {
        tree.createHardLink(path, linkable.get(random.nextInt(linkable.size())));
      } else {
        leaf(path, random, i);
        linkable.add(path);
      }
    }
    for (int i = folders.size() - 1; i > 0; i--) {
      int mode = i % 5 == 0 ? 0500 : 02751;
      tree.finish(folders.get(i), FileType.FOLDER, random(random, mode, i % 3 == 0));
    }
  }

  private static byte[] name(Random random, String stem) {
    return switch (random.nextInt(5)) {
      case 0 -> TreePath.join(TreePath.root(), concat(stem, new byte[] {(byte) 0xff, '\n', 0x1b}));
      case 1 -> bytes(stem + "-é世界");
      default -> bytes(stem);
    };
  }

  private static byte[] concat(String stem, byte[] more) {
    byte[] both = java.util.Arrays.copyOf(bytes(stem), stem.length() + more.length);
    System.arraycopy(more, 0, both, stem.length(), more.length);
    return both;
  }

  private void leaf(byte[] path, Random random, int i) throws Exception {
    switch (random.nextInt(12)) {
      case 0 -> {
        tree.createSymlink(path, bytes("../nowhere/" + i));
        tree.finish(path, FileType.SYMLINK, random(random, 0777, false));
      }
      case 1 -> special(path, FileType.FIFO, 0, 0, random);
      case 2 -> special(path, FileType.CHAR_DEVICE, 1, 3, random);
      case 3 -> special(path, FileType.BLOCK_DEVICE, 7, 300 + i, random);
      case 4 -> leafFile(path, new byte[0], 0, random);
      case 5 -> leafFile(path, content(i, 5_000), 3_000_000, random);
      case 6 -> leafFile(path, new byte[0], 1_000_000, random);
      case 7 -> leafFile(path, content(i, 60_000), 60_000, random);
      default -> {
        int length = random.nextInt(700);
        leafFile(path, content(i, length), length, random);
      }
    }
  }

  private void leafFile(byte[] path, byte[] content, long size, Random random) throws Exception {
    file(path, content, size);
    try (TargetFile file = tree.openExisting(path)) {
      file.finish(random(random, random.nextInt(07777), random.nextInt(4) == 0));
    }
  }

  private void special(byte[] path, FileType type, int major, int minor, Random random)
      throws Exception {
    tree.createSpecial(path, type, major, minor);
    tree.finish(path, type, random(random, 0640, false));
  }

  private static Metadata random(Random random, int mode, boolean attributes) {
    boolean root = TemporaryFolder.isRoot();
    long owner = root && random.nextBoolean() ? 1_000 + random.nextInt(3) : 0;
    long seconds = random.nextInt(5) == 0 ? -random.nextInt(1_000_000) : random.nextInt();
    ExtendedAttribute attribute =
        new ExtendedAttribute(Bytes.wrap(bytes("user.holdfast")), Bytes.wrap(content(seconds, 10)));
    return new Metadata(
        mode,
        owner,
        owner + 1,
        new Timestamp(seconds, random.nextInt(1_000_000_000)),
        attributes ? List.of(attribute) : List.of());
  }

  private static boolean isZero(byte[] content, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (content[i] != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    service.close();
    folder.close();
  }
}
