package org.holdfast.sim;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;

/// File systems in memory, so small that they can be filled to the last block.
final class SmallDisk {
  private static final int LENGTH = 1 << 20;
  private static final int BLOCK_LENGTH = 8 << 10;

  private SmallDisk() {}

  static FileSystem make() {
    return Jimfs.newFileSystem(
        Configuration.unix().toBuilder()
            .setAttributeViews("basic", "posix")
            .setBlockSize(BLOCK_LENGTH)
            .setMaxSize(LENGTH)
            .setMaxCacheSize(0)
            .build());
  }

  /// Something else takes all the room there is, or goes away.
  static void fill(FileSystem files, boolean isFull) {
    Path other = files.getPath("/other");
    try {
      if (!isFull) {
        Files.deleteIfExists(other);
        return;
      }
      try (OutputStream out = Files.newOutputStream(other)) {
        byte[] block = new byte[BLOCK_LENGTH];
        for (int i = 0; i < LENGTH / BLOCK_LENGTH; i++) {
          out.write(block);
        }
      }
    } catch (IOException e) {
      if (!isFull) {
        throw new UncheckedIOException(e);
      }
      // Full it is.
    }
  }
}
