package org.holdfast.bucket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The files that are not objects yet: `.tmp/` in the bucket's folder, on the same file system.
///
/// A file is named by 16 random bytes of this process, in hex, a hyphen and a count. A process that
/// dies leaves its files behind; they are removed by age when a bucket is opened. Age needs no
/// knowledge of other processes, which may run in another container or on another machine, and is
/// safe whatever the clock says: a writer whose file is taken away fails to link it and reports
/// that it is unavailable, no more.
final class TemporaryFiles {
  static final String FOLDER = ".tmp";

  /// Far longer than one put takes; short enough that a process that dies again and again does not
  /// fill the disk for long.
  static final long MAX_AGE_MILLIS = TimeUnit.HOURS.toMillis(1);

  /// The most bytes in one system call. The JDK copies what is on the heap to native memory first,
  /// all of one call at once, and each thread keeps that memory.
  private static final int MAX_WRITE_BYTES = 1 << 20;

  private final Path folder;
  private final String process;
  private final AtomicLong count = new AtomicLong();

  TemporaryFiles(Path root, SecureRandom random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    this.folder = root.resolve(FOLDER);
    this.process = HexFormat.of().formatHex(bytes);
  }

  /// Whether the folder is there. It goes only with the bucket: a disk that is not mounted.
  boolean exist() {
    return Files.isDirectory(folder);
  }

  void removeOld(long nowMillis) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path each : files) {
        if (nowMillis - modifiedMillis(each, nowMillis) > MAX_AGE_MILLIS) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  /// A path that nobody uses.
  Path fresh() {
    return folder.resolve(process + "-" + count.incrementAndGet());
  }

  /// Writes a new file and makes its content durable.
  static void write(Path file, List<ByteBuffer> body) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeAll(channel, body);
      channel.force(true);
    }
  }

  /// Removes a file if it is there. Where that fails the next opening does it: the put it was for
  /// has ended already, one way or the other.
  static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException _) {
      return;
    }
  }

  private static void writeAll(FileChannel channel, List<ByteBuffer> body) throws IOException {
    ByteBuffer[] rest = new ByteBuffer[body.size()];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = body.get(i).duplicate();
    }
    for (int first = 0; first < rest.length; ) {
      if (rest[first].hasRemaining()) {
        writeSome(channel, rest, first);
      } else {
        first++;
      }
    }
  }

  /// One system call, which may write less than it was given.
  private static void writeSome(FileChannel channel, ByteBuffer[] rest, int first)
      throws IOException {
    ByteBuffer head = rest[first];
    if (head.remaining() > MAX_WRITE_BYTES) {
      int limit = head.limit();
      head.limit(head.position() + MAX_WRITE_BYTES);
      channel.write(head);
      head.limit(limit);
      return;
    }
    int end = first;
    for (int bytes = 0; end < rest.length; end++) {
      bytes += rest[end].remaining();
      if (bytes > MAX_WRITE_BYTES) {
        break;
      }
    }
    channel.write(rest, first, end - first);
  }

  private static long modifiedMillis(Path file, long ifGone) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (NoSuchFileException _) {
      return ifGone;
    }
  }
}
