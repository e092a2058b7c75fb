package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Set;
import org.holdfast.core.Invariant;

/// A file of a [PosixTarget] that is written.
final class PosixTargetFile implements TargetFile {
  private final int file;
  private final byte[] path;
  private final boolean dropsAcls;
  private volatile boolean closed;

  /// `path` is for messages.
  PosixTargetFile(int file, byte[] path, boolean dropsAcls) {
    this.file = file;
    this.path = path;
    this.dropsAcls = dropsAcls;
  }

  @Override
  public FileStatus status() throws FileAccessException {
    checkOpen();
    try (Scratch scratch = Scratch.borrow()) {
      int outcome = Statx.ofFile(scratch, file);
      if (outcome < 0) {
        throw failure("look at", outcome);
      }
      return Statx.decode(scratch);
    }
  }

  @Override
  public void write(long position, byte[] bytes, int offset, int length)
      throws FileAccessException {
    checkOpen();
    Objects.checkFromIndexSize(offset, length, bytes.length);
    try (Scratch scratch = Scratch.borrow()) {
      int done = 0;
      while (done < length) {
        int piece = Math.min(length - done, Scratch.DATA_BYTES);
        MemorySegment data = scratch.data();
        MemorySegment.copy(bytes, offset + done, data, ValueLayout.JAVA_BYTE, 0, piece);
        done += writePiece(scratch, data, piece, position + done);
      }
    }
  }

  @Override
  public void truncate(long size) throws FileAccessException {
    checkOpen();
    try (Scratch scratch = Scratch.borrow()) {
      int outcome = Libc.ftruncate(scratch, file, size);
      if (outcome < 0) {
        throw failure("set the size of", outcome);
      }
    }
  }

  @Override
  public void sync() throws FileAccessException {
    checkOpen();
    try (Scratch scratch = Scratch.borrow()) {
      int outcome = Libc.fdatasync(scratch, file);
      if (outcome < 0) {
        throw failure("write", outcome);
      }
    }
  }

  @Override
  public Set<Shortfall> finish(Metadata metadata) throws FileAccessException {
    checkOpen();
    try (Scratch scratch = Scratch.borrow()) {
      return new MetadataWriter(scratch, file, FileType.REGULAR, path).apply(metadata, dropsAcls);
    }
  }

  @Override
  public void close() throws FileAccessException {
    if (closed) {
      return;
    }
    closed = true;
    try (Scratch scratch = Scratch.borrow()) {
      int outcome = Libc.close(scratch, file);
      if (outcome < 0 && !Errno.EINTR.is(-outcome)) {
        throw failure("close", outcome);
      }
    }
  }

  private int writePiece(Scratch scratch, MemorySegment data, int length, long position)
      throws FileAccessException {
    long written;
    do {
      written = Libc.pwrite(scratch, file, data, length, position);
    } while (Errno.EINTR.is((int) -written));
    if (written < 0) {
      throw failure("write", written);
    }
    return (int) written;
  }

  private void checkOpen() {
    Invariant.check(!closed, "a file is not used after it is closed");
  }

  private FileAccessException failure(String action, long outcome) {
    return new FileAccessException(action, path, (int) -outcome);
  }
}
