package org.holdfast.core;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;

/// What the JDK has no name for. An edge: it reaches the disk.
public final class Folders {
  private Folders() {}

  /// Makes a folder, and those around it, where they are missing, and waits until their names are
  /// on disk: what is forced inside a folder is lost with the folder's own name.
  ///
  /// Folders that are there may have been made by a process that did not live to force their names.
  /// They are forced too, as far as they can be: one that is another's may not be opened, and one
  /// of a file system that cannot force folders was not made here.
  public static void make(Path folder, FileAttribute<?>... attributes) throws IOException {
    boolean wasThere = Files.isDirectory(folder);
    if (!wasThere) {
      Files.createDirectories(folder, attributes);
    }
    Path around = folder.toAbsolutePath().normalize().getParent();
    while (around != null) {
      try {
        sync(around);
      } catch (IOException e) {
        if (!wasThere && around.equals(folder.toAbsolutePath().normalize().getParent())) {
          throw e;
        }
      }
      around = around.getParent();
    }
  }

  /// Waits until the names in a folder are on disk.
  public static void sync(Path folder) throws IOException {
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }
}
