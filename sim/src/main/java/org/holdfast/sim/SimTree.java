package org.holdfast.sim;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.TreeWalk;
import org.holdfast.core.HoldfastException;

/// A machine's files, of which some change from backup to backup.
final class SimTree implements SourceTree.Place {
  static final String ROOT = "/home";

  /// What the folder is called in an archive.
  static final String NAME = "home";

  private static final int BIG_MIN = 100_000;
  private static final int BIG_MAX = 300_000;

  private final Size size;
  private final SplittableRandom random;
  private MemoryTree now = new MemoryTree();

  SimTree(Size size, SplittableRandom random) {
    this.size = size;
    this.random = random;
  }

  @Override
  public SourceTree open(byte[] path) {
    String text = new String(path, StandardCharsets.US_ASCII);
    return text.equals(ROOT) ? now : new MemoryTree();
  }

  /// The tree as it is, which later changes leave alone: a tree is never changed, but replaced.
  SourceTree copy() {
    return now;
  }

  /// All paths of a tree, as an archive has them and in its order.
  static List<String> paths(SourceTree tree) {
    List<String> paths = new ArrayList<>();
    try (TreeWalk walk = tree.walk()) {
      for (TreeWalk.Step step = walk.next(); step instanceof TreeWalk.Found found; ) {
        String path = new String(found.path(), StandardCharsets.US_ASCII);
        paths.add(path.isEmpty() ? NAME : NAME + "/" + path);
        step = walk.next();
      }
    }
    return paths;
  }

  /// Writes some files anew, makes some and takes some away.
  void change() {
    now = now.copy();
    int changes = 1 + random.nextInt(size.changes());
    try {
      for (int i = 0; i < changes; i++) {
        byte[] path = ("file" + random.nextInt(size.files())).getBytes(StandardCharsets.US_ASCII);
        now.remove(path);
        if (random.nextInt(4) > 0) {
          write(path);
        }
      }
    } catch (HoldfastException | FileAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(byte[] path) throws HoldfastException, FileAccessException {
    boolean isBig = size.bigShare() > 0 && random.nextInt(size.bigShare()) == 0;
    int length = isBig ? random.nextInt(BIG_MIN, BIG_MAX) : random.nextInt(size.length());
    byte[] content = new byte[length];
    random.nextBytes(content);
    try (TargetFile file = now.createFile(path)) {
      file.write(0, content, 0, content.length);
    }
  }
}
