package org.holdfast.server.recovery;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.holdfast.core.UnavailableException;

/// A file that is appended to and read from. Nothing in it is ever forced to the disk: what a crash
/// takes is made again.
///
/// An edge. One thread appends; any may read what was appended.
final class ScratchFile implements AutoCloseable {
  private static final int PIECE_LENGTH = 1 << 20;

  private final Path path;
  private final FileChannel channel;
  private long length;

  private ScratchFile(Path path, FileChannel channel, long length) {
    this.path = path;
    this.channel = channel;
    this.length = length;
  }

  /// With what is in it, if it is there.
  static ScratchFile open(Path path) throws UnavailableException {
    try {
      Files.createDirectories(path.getParent());
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new ScratchFile(path, channel, channel.size());
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  long length() {
    return length;
  }

  /// What lies behind is to be written over.
  void cut(long to) {
    length = Math.min(length, to);
  }

  void append(ByteBuffer bytes) throws UnavailableException {
    try {
      while (bytes.hasRemaining()) {
        length += channel.write(bytes, length);
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  byte[] read(long at, int count) throws UnavailableException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    read(at, bytes);
    return bytes.array();
  }

  /// As much as there is room for. In pieces: Java copies each by way of memory that it then keeps.
  void read(long at, ByteBuffer target) throws UnavailableException {
    int from = target.position();
    int to = target.limit();
    try {
      while (target.position() < to) {
        target.limit((int) Math.min(to, (long) target.position() + PIECE_LENGTH));
        if (channel.read(target, at + target.position() - from) < 0) {
          throw new EOFException("it is shorter than it was");
        }
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // What was in it was read, or is read anew.
    }
  }

  private static UnavailableException unusable(Path path, IOException e) {
    return new UnavailableException(
        path + " cannot be used (" + e + "): make room, or look after that disk", new Failure(e));
  }

  /// What the file system said: not the bucket.
  static final class Failure extends IOException {
    private static final long serialVersionUID = 1;

    private Failure(IOException why) {
      super(why.getMessage(), why);
    }
  }
}
