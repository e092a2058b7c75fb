package org.holdfast.client.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the kernel tells a process about itself in a file of `/proc/self`.
final class ProcFile {
  private ProcFile() {}

  /// Empty where there is no such file.
  static Optional<byte[]> read(String name) {
    try {
      return Optional.of(Files.readAllBytes(Path.of("/proc/self", name)));
    } catch (IOException _) {
      return Optional.empty();
    }
  }
}
