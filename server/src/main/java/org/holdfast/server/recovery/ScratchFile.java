package org.holdfast.server.recovery;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.holdfast.core.UnavailableException;

/// A file that is appended to and read from. Nothing in it is ever forced to the disk: what a crash
/// takes is made again.
///
/// It goes past the page cache where the file system allows that (`O_DIRECT`). What is written once
/// and read once or never would drive all else from there, and to find room in a cache that is full
/// takes the processor longer than all that is done with it here.
///
/// An edge. One thread appends, and flushes; then any may read.
final class ScratchFile implements AutoCloseable {
  /// So much is written at a time.
  private static final int BUFFER_LENGTH = 1 << 20;

  /// So much is read at a time, at most.
  private static final int PIECE_LENGTH = 256 << 10;

  /// A file system with longer blocks is not gone past.
  private static final int BLOCK_LENGTH_MAX = 64 << 10;

  private static final int BLOCK_LENGTH = 4 << 10;

  private final Path path;
  private final FileChannel channel;
  private final int blockLength;
  private final ByteBuffer buffer;

  /// What reads lend each other.
  private final Queue<ByteBuffer> pieces = new ConcurrentLinkedQueue<>();

  /// Where the buffer's first byte belongs, at the beginning of a block.
  private long written;

  private ScratchFile(Path path, FileChannel channel, int blockLength) {
    this.path = path;
    this.channel = channel;
    this.blockLength = blockLength;
    this.buffer = aligned(BUFFER_LENGTH);
  }

  private ByteBuffer aligned(int length) {
    return ByteBuffer.allocateDirect(length + blockLength).alignedSlice(blockLength).limit(length).slice();
  }

  /// With what is in it, if it is there.
  static ScratchFile open(Path path) throws UnavailableException {
    try {
      Files.createDirectories(path.getParent());
      int blockLength = (int) Math.max(BLOCK_LENGTH, Math.min(BLOCK_LENGTH_MAX + 1, Files.getFileStore(path.getParent()).getBlockSize()));
      ScratchFile file = blockLength > BLOCK_LENGTH_MAX ? new ScratchFile(path, channel(path), BLOCK_LENGTH)
        : new ScratchFile(path, direct(path), blockLength);
      file.end(file.channel.size());
      return file;
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static FileChannel direct(Path path) throws IOException {
    Optional<OpenOption> direct = direct();
    if (direct.isEmpty()) {
      return channel(path);
    }
    try {
      return channel(path, direct.get());
    } catch (IOException | UnsupportedOperationException e) {
      // Some cannot, and if there is anything else in the way it is met at once.
      return channel(path);
    }
  }

  /// What Java calls it where it can do so; no API names it.
  private static Optional<OpenOption> direct() {
    try {
      for (Object each : Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
        if (each instanceof OpenOption option && each.toString().equals("DIRECT")) {
          return Optional.of(option);
        }
      }
      return Optional.empty();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  private static FileChannel channel(Path path, OpenOption... more) throws IOException {
    Set<OpenOption> options = new HashSet<>(Set.of(more));
    options.addAll(
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    return FileChannel.open(path, options);
  }

  long length() {
    return written + buffer.position();
  }

  /// What lies behind is to be written over.
  void cut(long to) throws UnavailableException {
    try {
      if (to < length()) {
        flush();
        end(to);
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  /// The buffer begins with what the last block holds already.
  private void end(long at) throws IOException {
    written = at - at % blockLength;
    buffer.clear().limit(blockLength);
    if (at > written) {
      readAll(buffer, written, (int) (at - written));
    }
    buffer.clear().position((int) (at - written));
  }

  void append(byte[] bytes, int from, int length) throws UnavailableException {
    int at = from;
    int end = from + length;
    while (at < end) {
      if (!buffer.hasRemaining()) {
        flush();
      }
      int next = Math.min(end - at, buffer.remaining());
      buffer.put(bytes, at, next);
      at += next;
    }
  }

  /// Whoever reads finds all that was appended. The last block is written whole, with zeros.
  void flush() throws UnavailableException {
    int filled = buffer.position();
    int kept = filled % blockLength;
    while (buffer.position() % blockLength != 0) {
      buffer.put((byte) 0);
    }
    buffer.flip();
    try {
      for (long at = written; buffer.hasRemaining(); ) {
        at += channel.write(buffer, at);
      }
    } catch (IOException e) {
      throw unusable(path, e);
    } finally {
      buffer.clear();
    }
    buffer.put(0, buffer, filled - kept, kept).position(kept);
    written += filled - kept;
  }

  byte[] read(long at, int count) throws UnavailableException {
    byte[] bytes = new byte[count];
    read(at, bytes, 0, count);
    return bytes;
  }

  void read(long at, byte[] target, int from, int count) throws UnavailableException {
    ByteBuffer lent = pieces.poll();
    ByteBuffer piece = lent != null ? lent : aligned(PIECE_LENGTH);
    try {
      for (int done = 0; done < count; ) {
        int before = (int) ((at + done) % blockLength);
        int next = Math.min(count - done, PIECE_LENGTH - before);
        int blocks = (before + next + blockLength - 1) / blockLength;
        readAll(piece.clear().limit(blocks * blockLength), at + done - before, before + next);
        piece.get(before, target, from + done, next);
        done += next;
      }
    } catch (IOException e) {
      throw unusable(path, e);
    } finally {
      pieces.add(piece);
    }
  }

  /// `least` bytes, and what else there is room for if the file has it.
  private void readAll(ByteBuffer in, long at, int least) throws IOException {
    while (in.position() < least) {
      if (channel.read(in, at + in.position()) < 0) {
        throw new EOFException("it is shorter than it was");
      }
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
