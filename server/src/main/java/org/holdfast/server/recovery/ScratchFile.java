package org.holdfast.server.recovery;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import org.holdfast.core.DirectFiles;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// A file that is appended to and read from. Nothing in it is ever forced to the disk: what a crash
/// takes is made again.
///
/// It goes past the page cache ([DirectFiles]), from and to buffers of that: Java copies others by
/// way of memory that only the collector gives back.
///
/// An edge. One thread appends, and flushes; then any may read.
final class ScratchFile implements AutoCloseable {
  /// So much is written at a time.
  private static final int BUFFER_LENGTH = 512 << 10;

  /// A short file takes less.
  private static final int BUFFER_LENGTH_MIN = 8 << 10;

  /// So much is read at a time, at most.
  private static final int PIECE_LENGTH = 256 << 10;

  private final Path path;
  private final FileChannel channel;
  private final DirectFiles files;
  private final int blockLength;
  private final Spawner spawner;
  private ByteBuffer buffer;

  /// The one that is written, or was.
  private ByteBuffer other;

  private CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);

  /// What reads lend each other.
  private final Queue<ByteBuffer> pieces = new ConcurrentLinkedQueue<>();

  /// Where the buffer's first byte belongs, at the beginning of a block.
  private long written;

  private ScratchFile(Path path, FileChannel channel, DirectFiles files, Spawner spawner) {
    this.path = path;
    this.channel = channel;
    this.files = files;
    this.blockLength = files.blockLength();
    this.spawner = spawner;
    this.buffer = files.buffer(BUFFER_LENGTH_MIN);
    this.other = ByteBuffer.allocate(0);
  }

  /// With what is in it, if it is there.
  static ScratchFile open(Path path, Spawner spawner) throws UnavailableException {
    try {
      DirectFiles files = DirectFiles.in(Files.createDirectories(path.getParent()));
      FileChannel channel =
          files.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      ScratchFile file = new ScratchFile(path, channel, files, spawner);
      file.end(channel.size());
      return file;
    } catch (IOException e) {
      throw unusable(path, e);
    }
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
        room();
      }
      int next = Math.min(end - at, buffer.remaining());
      buffer.put(bytes, at, next);
      at += next;
    }
  }

  private void room() throws UnavailableException {
    if (buffer.capacity() < BUFFER_LENGTH) {
      buffer = files.buffer(2 * buffer.capacity()).put(buffer.flip());
    } else {
      write();
    }
  }

  /// While the other is filled.
  private void write() throws UnavailableException {
    awaitWritten();
    ByteBuffer full = buffer.flip();
    buffer = other.capacity() > 0 ? other.clear() : files.buffer(full.capacity());
    other = full;
    long at = written;
    written += full.limit();
    CompletableFuture<Void> done = new CompletableFuture<>();
    writing = done;
    spawner.spawn(
        "write " + path,
        () -> {
          try {
            writeAll(full, at);
            done.complete(null);
          } catch (Throwable e) {
            // Unheard, it would leave the next one waiting.
            done.completeExceptionally(e);
          }
        });
  }

  private void awaitWritten() throws UnavailableException {
    try {
      writing.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException expected) {
        throw unusable(path, expected);
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted while writing " + path + ": try again", e);
    }
  }

  private void writeAll(ByteBuffer full, long from) throws IOException {
    for (long at = from; full.hasRemaining(); ) {
      at += channel.write(full, at);
    }
  }

  /// Whoever reads finds all that was appended. The last block is written whole, with zeros.
  void flush() throws UnavailableException {
    awaitWritten();
    int filled = buffer.position();
    int kept = filled % blockLength;
    while (buffer.position() % blockLength != 0) {
      buffer.put((byte) 0);
    }
    try {
      writeAll(buffer.flip(), written);
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
    int length = Math.min(PIECE_LENGTH, files.blocks(count) + blockLength);
    ByteBuffer lent = pieces.poll();
    ByteBuffer piece = lent != null && lent.capacity() >= length ? lent : files.buffer(length);
    try {
      for (int done = 0; done < count; ) {
        int before = (int) ((at + done) % blockLength);
        int next = Math.min(count - done, piece.capacity() - before);
        piece.clear().limit(files.blocks(before + next));
        readAll(piece, at + done - before, before + next);
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
    try (channel) {
      awaitWritten();
    } catch (IOException | UnavailableException e) {
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
