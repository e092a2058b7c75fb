package org.holdfast.client.tree;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.holdfast.core.Invariant;

/// A file of a [PosixTree] that is read. Runs of data and holes are asked of the file system, so
/// that no hole is read as zeros; where it does not know, all is data.
final class PosixFile implements SourceFile {
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int FADV_SEQUENTIAL = 2;

  /// Below this size a file is asked for holes only if it has fewer blocks than bytes: the two
  /// calls would cost more than reading it.
  private static final int HOLES_ASKED_BYTES = 64 << 10;

  /// From this size on the kernel is told to read further ahead than it does by itself.
  private static final int READ_AHEAD_BYTES = 1 << 20;

  private final Scratch scratch;
  private final int file;
  private final byte[] path;
  private final FileStatus opened;
  private long limit;
  private long position;
  private long runEnd;
  private boolean runIsHole;
  private boolean asksForHoles;
  private boolean closed;

  private PosixFile(Scratch scratch, int file, byte[] path, FileStatus opened) {
    this.scratch = scratch;
    this.file = file;
    this.path = path;
    this.opened = opened;
    this.limit = opened.size();
    this.asksForHoles = opened.size() >= HOLES_ASKED_BYTES || opened.allocated() < opened.size();
  }

  /// `path` is for messages.
  static PosixFile open(
      FolderCache.Place place, byte[] path, FileStatus expected, OpenFlags openFlags)
      throws FileAccessException {
    Scratch scratch = Scratch.borrow();
    int file = openFlags.open(scratch, place.folder, place.name, 0, expected.uid());
    if (file < 0) {
      scratch.close();
      // The errors of a symlink and of a socket: a file was seen here, so it was replaced.
      boolean replaced = Errno.ELOOP.is(-file) || Errno.ENXIO.is(-file);
      throw new FileAccessException("open", path, replaced ? Errno.ESTALE.number() : -file);
    }
    int outcome = Statx.ofFile(scratch, file);
    FileStatus opened = outcome < 0 ? expected : Statx.decode(scratch);
    if (outcome < 0 || !opened.isSameFile(expected)) {
      Libc.close(scratch, file);
      scratch.close();
      throw new FileAccessException("open", path, outcome < 0 ? -outcome : Errno.ESTALE.number());
    }
    if (opened.size() >= READ_AHEAD_BYTES) {
      Libc.fadvise(scratch, file, FADV_SEQUENTIAL);
    }
    return new PosixFile(scratch, file, path, opened);
  }

  @Override
  public FileStatus opened() {
    return opened;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public long skipHole() throws FileAccessException {
    findRun();
    if (position >= limit || !runIsHole) {
      return 0;
    }
    long hole = runEnd - position;
    position = runEnd;
    return hole;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws FileAccessException {
    findRun();
    if (position >= limit) {
      return -1;
    }
    if (runIsHole) {
      return 0;
    }
    int wanted = (int) Math.min(length, runEnd - position);
    int done = 0;
    while (done < wanted) {
      int read = readPiece(into, offset + done, Math.min(wanted - done, Scratch.DATA_BYTES));
      if (read == 0) {
        limit = position;
        return done == 0 ? -1 : done;
      }
      done += read;
    }
    return done;
  }

  @Override
  public FileStatus status() throws FileAccessException {
    checkOpen();
    int outcome = Statx.ofFile(scratch, file);
    if (outcome < 0) {
      throw failure("look at", outcome);
    }
    return Statx.decode(scratch);
  }

  @Override
  public List<ExtendedAttribute> attributes() throws FileAccessException {
    checkOpen();
    return AttributeReader.ofFile(scratch, file).read(() -> path);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Libc.close(scratch, file);
      scratch.close();
    }
  }

  private int readPiece(byte[] into, int offset, int length) throws FileAccessException {
    MemorySegment data = scratch.data();
    long read;
    do {
      read = Libc.pread(scratch, file, data, length, position);
    } while (Errno.EINTR.is((int) -read));
    if (read < 0) {
      throw failure("read", read);
    }
    MemorySegment.copy(data, ValueLayout.JAVA_BYTE, 0, into, offset, (int) read);
    position += read;
    return (int) read;
  }

  /// Finds out what starts at the position, unless that is known.
  private void findRun() throws FileAccessException {
    checkOpen();
    if (position < runEnd || position >= limit) {
      return;
    }
    runIsHole = false;
    runEnd = limit;
    if (!asksForHoles) {
      return;
    }
    long data = Libc.lseek(scratch, file, position, SEEK_DATA);
    if (Errno.ENXIO.is((int) -data)) {
      findTail();
    } else if (data < 0) {
      asksForHoles = false;
    } else if (data > position) {
      runIsHole = true;
      runEnd = Math.min(data, limit);
    } else {
      long hole = Libc.lseek(scratch, file, position, SEEK_HOLE);
      runEnd = hole <= position ? limit : Math.min(hole, limit);
    }
  }

  /// There is no data from the position on: a hole as far as the file goes by now.
  private void findTail() throws FileAccessException {
    long end = Libc.lseek(scratch, file, 0, SEEK_END);
    if (end < 0) {
      throw failure("read", end);
    }
    limit = Math.max(position, Math.min(end, limit));
    runIsHole = true;
    runEnd = limit;
  }

  private void checkOpen() {
    Invariant.check(!closed, "a file is not used after it is closed");
  }

  private FileAccessException failure(String action, long outcome) {
    return new FileAccessException(action, path, (int) -outcome);
  }
}
