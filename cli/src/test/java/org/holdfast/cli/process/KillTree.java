package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A machine's files, some dozens of small ones and a few of some MB, which change from backup to
/// backup by a seed. What a file holds follows from a seed of its own, so a state of the whole tree
/// is small and can be kept for each backup.
final class KillTree {
  private static final int SMALL_FILES = 40;
  private static final int SMALL_LENGTH_MAX = 40_000;
  private static final int LARGE_FILES = 4;
  private static final int LARGE_LENGTH_MAX = 8 << 20;

  private final Path root;
  private final SplittableRandom random;
  private final TreeMap<String, Content> files = new TreeMap<>();
  private int made;

  KillTree(Path root, SplittableRandom random) throws IOException {
    this.root = root;
    this.random = random;
    for (int i = 0; i < SMALL_FILES; i++) {
      put(name("small"), fresh(SMALL_LENGTH_MAX));
    }
    for (int i = 0; i < LARGE_FILES; i++) {
      put(name("large"), fresh(LARGE_LENGTH_MAX));
    }
  }

  Path root() {
    return root;
  }

  /// What the tree holds.
  State state() {
    return new State(new TreeMap<>(files));
  }

  /// Some files are written, cut, extended, renamed, removed or made.
  void change() throws IOException {
    int changes = random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      changeSmall();
    }
    // Most backups are small; one in four fills a segment or two.
    int large = random.nextInt(4) == 0 ? LARGE_FILES : random.nextInt(2);
    for (int i = 0; i < large; i++) {
      String path = any("large");
      put(path, random.nextInt(3) == 0 ? extended(path) : fresh(LARGE_LENGTH_MAX));
    }
  }

  private void changeSmall() throws IOException {
    String path = any("small");
    switch (random.nextInt(5)) {
      case 0 -> put(name("small"), fresh(SMALL_LENGTH_MAX));
      case 1 -> put(path, extended(path));
      case 2 -> rename(path);
      case 3 -> remove(path);
      default -> put(path, fresh(SMALL_LENGTH_MAX));
    }
  }

  private void rename(String path) throws IOException {
    String to = name("small");
    Files.createDirectories(root.resolve(to).getParent());
    Files.move(root.resolve(path), root.resolve(to));
    files.put(to, files.remove(path));
  }

  private void remove(String path) throws IOException {
    if (files.size() > SMALL_FILES / 2) {
      Files.delete(root.resolve(path));
      files.remove(path);
    }
  }

  private void put(String path, Content content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content.bytes());
    files.put(path, content.at(Files.getLastModifiedTime(file)));
  }

  private Content fresh(int lengthMax) {
    return new Content(random.nextLong(), random.nextInt(lengthMax), FileTime.fromMillis(0));
  }

  /// The same beginning, and more.
  private Content extended(String path) {
    Content old = files.get(path);
    return new Content(old.seed, old.length + 1 + random.nextInt(10_000), old.modified);
  }

  private String any(String kind) {
    List<String> some = files.keySet().stream().filter(path -> path.contains(kind)).toList();
    return some.get(random.nextInt(some.size()));
  }

  private String name(String kind) {
    return "d" + random.nextInt(5) + "/" + kind + " " + made++;
  }

  /// A file's bytes, and when they were written.
  record Content(long seed, int length, FileTime modified) {
    Content at(FileTime time) {
      return new Content(seed, length, time);
    }

    byte[] bytes() {
      byte[] bytes = new byte[(length + 7) & ~7];
      new SplittableRandom(seed).nextBytes(bytes);
      return Arrays.copyOf(bytes, length);
    }
  }

  /// The tree as it was once.
  record State(TreeMap<String, Content> files) {
    /// Whether a folder holds exactly this.
    void check(Path folder, String what) throws IOException {
      List<String> found = new ArrayList<>();
      try (Stream<Path> all = Files.walk(folder)) {
        all.filter(Files::isRegularFile)
            .forEach(file -> found.add(folder.relativize(file).toString()));
      }
      assertThat(found).as(what).containsExactlyInAnyOrderElementsOf(files.keySet());
      for (var each : files.entrySet()) {
        Path file = folder.resolve(each.getKey());
        Content content = each.getValue();
        assertThat(Arrays.equals(Files.readAllBytes(file), content.bytes()))
            .as("%s: the content of %s", what, each.getKey())
            .isTrue();
        assertThat(Files.getLastModifiedTime(file))
            .as("%s: the time of %s", what, each.getKey())
            .isEqualTo(content.modified);
      }
    }
  }
}
