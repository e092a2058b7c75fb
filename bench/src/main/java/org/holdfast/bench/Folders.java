package org.holdfast.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What becomes of whole folders: read, measured, compared, deleted. Only [#middle] keeps a list of
/// all files.
final class Folders {
  private Folders() {}

  /// Reads every byte once, so that no program pays for the disk.
  static void warm(Path folder) throws IOException {
    byte[] buffer = new byte[1 << 20];
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try (InputStream in = Files.newInputStream(file)) {
              while (in.read(buffer) >= 0) {}
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  static Size size(Path folder) throws IOException {
    long[] sums = new long[2];
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            sums[0]++;
            sums[1] += attributes.size();
            return FileVisitResult.CONTINUE;
          }
        });
    return new Size(sums[0], sums[1]);
  }

  /// The file in the middle of all, by their paths.
  static Path middle(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> files = all.filter(Files::isRegularFile).sorted().toList();
      return files.get(files.size() / 2);
    }
  }

  /// Throws if the copy has not the same names, contents, modes and times of change.
  static void compare(Path source, Path copy) throws IOException {
    compareBelow(source, copy);
    if (size(source).files() != size(copy).files()) {
      throw new IOException(copy + " has more files than " + source);
    }
  }

  private static void compareBelow(Path source, Path copy) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path other = copy.resolve(source.relativize(file).toString());
            if (!Files.exists(other, LinkOption.NOFOLLOW_LINKS)
                || Files.mismatch(file, other) >= 0) {
              throw new IOException(other + " is not what " + file + " is");
            }
            compareMetadata(file, other);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            compareMetadata(folder, copy.resolve(source.relativize(folder).toString()));
            return super.postVisitDirectory(folder, failure);
          }
        });
  }

  private static void compareMetadata(Path one, Path other) throws IOException {
    String names = "unix:mode,lastModifiedTime";
    Map<String, Object> expected = Files.readAttributes(one, names, LinkOption.NOFOLLOW_LINKS);
    Map<String, Object> found = Files.readAttributes(other, names, LinkOption.NOFOLLOW_LINKS);
    if (!expected.equals(found)) {
      throw new IOException("%s has %s, not %s".formatted(other, found, expected));
    }
  }

  /// An empty folder.
  static Path fresh(Path folder) throws IOException {
    delete(folder);
    return Files.createDirectories(folder);
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path done, @Nullable IOException failure)
              throws IOException {
            Files.delete(done);
            return super.postVisitDirectory(done, failure);
          }
        });
  }

  /// How many files, and their lengths.
  record Size(long files, long bytes) {}
}
