package org.holdfast.server.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.holdfast.core.FileReason;
import org.holdfast.core.Folders;
import org.holdfast.core.RefusedException;

/// A file of lines to which lines are added at the end. Once it would be too long its older half is
/// dropped.
///
/// - A line that was added is on the disk.
/// - What a crash has left of a line is a line of its own; who reads must bear with it.
/// - Any process may add, a server and a command at the same time: they take turns by a lock on
///   `NAME.lock`.
///
/// An edge. Any thread.
public final class Journal {
  /// Threads of one process cannot take turns by a lock on a file.
  private static final Object TURN = new Object();

  private static final int LINE_LENGTH_MAX = 1024;

  private final Path file;
  private final int lengthMax;

  /// `lengthMax` is how long the file gets, in bytes.
  public Journal(Path file, int lengthMax) {
    this.file = file;
    this.lengthMax = lengthMax;
  }

  /// Adds a line; one that is very long is cut off. The folder is made where there is none, for its
  /// user alone.
  public void add(String text) throws RefusedException {
    String line = text.replace('\n', ' ').replace('\r', ' ');
    byte[] bytes =
        (line.substring(0, Math.min(line.length(), LINE_LENGTH_MAX)) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    Path folder = file.resolveSibling(".").normalize();
    try {
      Folders.make(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      synchronized (TURN) {
        try (FileChannel lock =
                FileChannel.open(
                    file.resolveSibling(file.getFileName() + ".lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            var _ = lock.lock()) {
          addAlone(bytes);
        }
      }
      Folders.sync(folder);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private void addAlone(byte[] line) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long length = channel.size();
      ByteBuffer last = ByteBuffer.allocate(1);
      boolean isTorn =
          length > 0 && channel.read(last, length - 1) == 1 && last.get(0) != (byte) '\n';
      channel.position(length);
      if (isTorn) {
        Folders.write(channel, ByteBuffer.wrap(new byte[] {'\n'}));
      }
      Folders.write(channel, ByteBuffer.wrap(line));
      channel.force(true);
      if (channel.size() <= lengthMax) {
        return;
      }
    }
    Folders.replace(file, ByteBuffer.wrap(newest(lengthMax / 2)));
  }

  /// Whole lines from the end of the file, of so many bytes at most.
  private byte[] newest(int most) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long length = channel.size();
      long from = Math.max(0, length - most);
      ByteBuffer bytes = ByteBuffer.allocate((int) (length - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // As much as there is.
      }
      String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
      return (from == 0 ? text : text.substring(text.indexOf('\n') + 1))
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /// The lines, the newest last; none if there is no file.
  public List<String> lines() throws RefusedException {
    try {
      if (!Files.exists(file)) {
        return List.of();
      }
      return new String(newest(2 * lengthMax), StandardCharsets.UTF_8).lines().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private RefusedException unusable(IOException e) {
    return new RefusedException("the file " + file + " cannot be used: " + FileReason.of(e), e);
  }
}
