package org.holdfast.core;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What the JDK has no name for. An edge: it reaches the disk.
public final class Folders {
  private Folders() {}

  /// Waits until the names in a folder are on disk. A file system inside the process, which is gone
  /// with it, has none to wait for.
  public static void sync(Path folder) throws IOException {
    if (!folder.getFileSystem().equals(FileSystems.getDefault())) {
      return;
    }
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }
}
