package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// Where folders wait that are done with, until nothing is measured any more.
///
/// To delete a hundred thousand files makes it slow to create others for minutes where the file
/// system is ext4 without a journal: it passes over each inode that was deleted in the last minute,
/// or in the last six while that is not written (`recently_deleted` in the kernel's
/// `fs/ext4/ialloc.c`). Of a restore of 100,000 files that was a third of the time.
final class Attic {
  private final Path folder;
  private int count;

  /// Empties the folder if it was left full.
  Attic(Path folder) throws IOException {
    this.folder = Folders.fresh(folder);
  }

  /// Takes a folder in, if there is one.
  void take(Path done) throws IOException {
    if (Files.exists(done, LinkOption.NOFOLLOW_LINKS)) {
      Files.move(done, folder.resolve(Integer.toString(count++)));
    }
  }

  /// Sees to so much room on the disk.
  void makeRoom(long bytes) throws IOException {
    if (Files.getFileStore(folder).getUsableSpace() < bytes) {
      empty();
    }
  }

  void empty() throws IOException {
    Folders.fresh(folder);
  }
}
