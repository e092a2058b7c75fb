package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.holdfast.cli.console.Failures;
import org.holdfast.core.RefusedException;

/// Where a new key file goes, and where it waits until its machine is registered. An edge: does
/// I/O.
final class KeyPlace {
  private final Path path;

  KeyPlace(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  /// The key file of an init that has not come to its end.
  Path unfinished() {
    return path.resolveSibling(path.getFileName() + ".unfinished");
  }

  boolean hasUnfinished() {
    return Files.exists(unfinished(), LinkOption.NOFOLLOW_LINKS);
  }

  /// A key file is never overwritten.
  void checkFree() throws RefusedException {
    if (path.getFileName() == null || Files.isDirectory(path)) {
      throw new RefusedException(path + " is a folder: name a file with --keyfile");
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new RefusedException(
          "there is a key file at " + path + " already: use it, or name another with --keyfile");
    }
  }

  /// Makes the folder that the key file goes to, closed to others, if there is none.
  void makeFolder() throws RefusedException {
    Path folder = path.getParent();
    try {
      if (folder != null && !Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw new RefusedException(Failures.line(e), e);
    }
  }

  void dropUnfinished() throws RefusedException {
    try {
      Files.deleteIfExists(unfinished());
    } catch (IOException e) {
      throw new RefusedException("delete " + unfinished() + ": " + Failures.line(e), e);
    }
  }
}
