package org.holdfast.client.tree;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder that goes away with all that is in it, however deep and whatever it is called.
public final class TemporaryFolder implements AutoCloseable {
  private final Path path;

  public TemporaryFolder() throws IOException {
    this.path = Files.createTempDirectory("holdfast-tree");
  }

  public Path path() {
    return path;
  }

  public Path path(String name) {
    return path.resolve(name);
  }

  public byte[] bytes() {
    return bytes(path.toString());
  }

  public byte[] bytesOf(String name) {
    return bytes(path.resolve(name).toString());
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static boolean isRoot() {
    try (Scratch scratch = Scratch.borrow()) {
      return Libc.geteuid(scratch) == 0;
    }
  }

  /// How many files of this folder, or of what it holds, this process has open.
  public long openFiles() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(this::isOpenHere).count();
    }
  }

  /// Runs a program and returns whether it succeeded.
  public static boolean run(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.onExit().join().exitValue() == 0;
  }

  @Override
  public void close() throws IOException {
    run("rm", "-rf", path.toString());
  }

  private boolean isOpenHere(Path file) {
    try {
      return Files.readSymbolicLink(file).startsWith(path);
    } catch (IOException _) {
      return false;
    }
  }
}
