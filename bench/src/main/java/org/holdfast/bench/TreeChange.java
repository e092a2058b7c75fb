package org.holdfast.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// A hundredth of a tree's bytes, written over, and what was there before: closed, the tree is as
/// it was but for the times at which its inodes changed.
///
/// Of a hundred small files one is written over; of a long one a hundredth of it, in one place. The
/// same of the same tree.
final class TreeChange implements AutoCloseable {
  private static final int PART = 100;
  private static final long LONG_LENGTH = 4 << 20;

  private final Deque<Old> before = new ArrayDeque<>();

  private TreeChange() {}

  static TreeChange of(Path tree) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(tree)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    TreeChange change = new TreeChange();
    Random random = new Random(21);
    for (int i = 0; i < files.size(); i++) {
      long length = Files.size(files.get(i));
      if (length >= LONG_LENGTH) {
        change.write(files.get(i), random.nextLong(length - length / PART), length / PART, random);
      } else if (i % PART == PART / 2) {
        change.write(files.get(i), 0, length, random);
      }
    }
    return change;
  }

  private void write(Path file, long at, long length, Random random) throws IOException {
    byte[] old = new byte[(int) length];
    byte[] fresh = new byte[old.length];
    random.nextBytes(fresh);
    FileTime time = Files.getLastModifiedTime(file);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer into = ByteBuffer.wrap(old);
      while (into.hasRemaining() && channel.read(into, at + into.position()) >= 0) {}
      before.push(new Old(file, at, old, time));
      write(channel, at, fresh);
    }
  }

  private static void write(FileChannel channel, long at, byte[] bytes) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      int _ = channel.write(from, at + from.position());
    }
  }

  /// Writes back what was there.
  @Override
  public void close() throws IOException {
    while (!before.isEmpty()) {
      Old old = before.pop();
      try (FileChannel channel = FileChannel.open(old.file, StandardOpenOption.WRITE)) {
        write(channel, old.at, old.bytes);
      }
      Files.setLastModifiedTime(old.file, old.time);
    }
  }

  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Old(Path file, long at, byte[] bytes, FileTime time) {}
}
