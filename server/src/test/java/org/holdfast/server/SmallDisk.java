package org.holdfast.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/// A file system of a few MiB in memory, where this process may mount one; elsewhere a folder that
/// is never full.
final class SmallDisk implements AutoCloseable {
  final Path root;
  final boolean isReal;

  SmallDisk(Path root, int mib) throws IOException {
    this.root = Files.createDirectories(root);
    this.isReal = run("mount", "-t", "tmpfs", "-o", "size=" + mib + "m", "tmpfs", root.toString());
  }

  private static boolean run(String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Somebody else takes all but so many bytes.
  void fill(long leftBytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            root.resolve("filler"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      long takeBytes = Files.getFileStore(root).getUsableSpace() - leftBytes;
      ByteBuffer zeros = ByteBuffer.allocate(64 << 10);
      while (takeBytes > 0) {
        zeros.position(0).limit((int) Math.min(zeros.capacity(), takeBytes));
        takeBytes -= file.write(zeros);
      }
    } catch (IOException e) {
      if (leftBytes > 0) {
        throw e;
      }
    }
  }

  /// And gives it back.
  void empty() throws IOException {
    Files.deleteIfExists(root.resolve("filler"));
  }

  /// What is in a folder, in bytes.
  static long bytes(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        // RocksDB deletes files as it likes.
        sum += Files.isRegularFile(file) ? file.toFile().length() : 0;
      }
    }
    return sum;
  }

  @Override
  public void close() {
    if (isReal) {
      run("umount", "-l", root.toString());
    }
  }
}
