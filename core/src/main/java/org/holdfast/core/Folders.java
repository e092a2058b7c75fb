package org.holdfast.core;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What the JDK has no name for. An edge: it reaches the disk.
public final class Folders {
  private Folders() {}

  /// Waits until the names in a folder are on disk.
  public static void sync(Path folder) throws IOException {
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }
}
