package org.holdfast.client.restore;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.client.archive.Entry.RegularFile;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.TargetFile;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// A regular file on its way to the target.
///
/// - Pieces come in any order, from any thread. The file is opened for the first of them.
/// - It is held once by who plans it and once for each piece that is to come. When the last hold is
///   released it gets its size and metadata, and is closed.
/// - If a piece is lost, what there is of the file is taken away again: no file that is not whole
///   looks as if it were.
/// - The time of modification is set last, and tells `--resume` that the file is whole. So content
///   is put on disk first, where a size can get there before the content does: with holes, with
///   pieces in any order, and in large files. A small file of one piece gets its size as it is
///   written, and a wait for each would take many times as long as the rest.
final class RestoredFile {
  private static final long UNSYNCED_BYTES_MAX = 1 << 20;

  private final Destination destination;
  private final RegularFile entry;
  private final byte[] target;
  private final AtomicInteger holds = new AtomicInteger(1);
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
  private final ReentrantLock opening = new ReentrantLock();
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable TargetFile file;
  private volatile boolean needsTruncate;
  private boolean kept;

  /// How many pieces the file has. Written by who plans it, read after its hold is released.
  private int pieces;

  /// `entry` is the first part of the file.
  RestoredFile(Destination destination, RegularFile entry, byte[] target) {
    this.destination = destination;
    this.entry = entry;
    this.target = target;
    this.needsTruncate = entry.size() == 0;
  }

  RegularFile entry() {
    return entry;
  }

  /// Whether nothing is left to do, as the file is there already with the size and time that it
  /// should have (its metadata is set again), or as that cannot even be found out.
  boolean isSettled() throws FileAccessException {
    guarded(() -> kept = keep());
    if (failure.get() != null) {
      complete();
      return true;
    }
    return kept;
  }

  /// One more piece is to come. For who plans the file, while it holds it.
  void expectPiece() {
    pieces++;
    holds.incrementAndGet();
  }

  /// The file has a hole up to here.
  void expectHole(long length) {
    needsTruncate = true;
    destination.tally().addBytes(length);
  }

  /// Writes a piece and releases its hold. The piece must be within the chunk.
  void write(long position, ByteBuffer chunk, long offset, long length) throws FileAccessException {
    if (offset > chunk.remaining() - length) {
      lose("one of its chunks is shorter than the archive says");
      return;
    }
    if (failure.get() == null) {
      int from = chunk.arrayOffset() + chunk.position() + (int) offset;
      guarded(() -> write(position, chunk.array(), from, (int) length));
      destination.tally().addBytes(length);
    }
    release();
  }

  /// One thread at a time: the system has the others wait as well, and turning.
  private void write(long position, byte[] bytes, int from, int length)
      throws FileAccessException, CorruptException {
    TargetFile open = open();
    writing.lock();
    try {
      open.write(position, bytes, from, length);
    } finally {
      writing.unlock();
    }
  }

  /// Gives the file up for a piece that cannot be had, and releases its hold.
  void lose(String reason) throws FileAccessException {
    failure.compareAndSet(null, reason);
    release();
  }

  /// Releases a hold; the last one completes the file.
  void release() throws FileAccessException {
    if (releaseAhead()) {
      complete();
    }
  }

  /// Releases the planner's hold, and returns whether [#complete] is left to do.
  boolean releaseAhead() {
    return holds.decrementAndGet() == 0;
  }

  /// Completes a file of which nothing is to come.
  void complete() throws FileAccessException {
    if (failure.get() == null) {
      guarded(this::finish);
    }
    if (failure.get() == null) {
      destination.unfinished().remove(this);
      destination.tally().addFile(entry.size());
      return;
    }
    discard();
    destination.tally().fail(entry.path(), String.valueOf(failure.get()));
  }

  /// Takes away what there is of the file, if this has opened it.
  void discard() {
    if (!destination.unfinished().remove(this)) {
      return;
    }
    try {
      open().close();
    } catch (FileAccessException | CorruptException e) {
      failure.compareAndSet(null, e.getMessage());
    }
    remove();
  }

  private void finish() throws FileAccessException, CorruptException {
    TargetFile open = open();
    if (needsTruncate) {
      open.truncate(entry.size());
    }
    if (sizeMayComeFirst()) {
      open.sync();
    }
    destination.tally().addShortfalls(open.finish(destination.metadata(entry.metadata())));
    open.close();
  }

  private boolean sizeMayComeFirst() {
    return entry.size() > 0 && (needsTruncate || pieces > 1 || entry.size() > UNSYNCED_BYTES_MAX);
  }

  private void remove() {
    try {
      destination.tree().remove(target);
    } catch (FileAccessException | CorruptException e) {
      failure.set(failure.get() + "; what there is of it could not be removed: " + e.getMessage());
    }
  }

  /// Does something that may fail for this file alone.
  private void guarded(Destination.Step step) throws FileAccessException {
    try {
      step.run();
    } catch (CorruptException e) {
      failure.compareAndSet(null, e.getMessage());
    } catch (FileAccessException e) {
      if (Destination.isHopeless(e, target)) {
        throw e;
      }
      failure.compareAndSet(null, String.valueOf(e.getMessage()));
    }
  }

  private TargetFile open() throws FileAccessException, CorruptException {
    opening.lock();
    try {
      TargetFile open = file;
      if (open == null) {
        open =
            destination.overwrite() == Overwrite.REFUSE
                ? destination.tree().createFile(target)
                : reopen();
        file = open;
        destination.unfinished().add(this);
      }
      return open;
    } finally {
      opening.unlock();
    }
  }

  /// A file that is there is emptied, so that nothing old shows through a hole. One that has other
  /// names may be a file from elsewhere: it keeps its content, and loses this name.
  private TargetFile reopen() throws FileAccessException, CorruptException {
    try {
      return destination.tree().createFile(target);
    } catch (FileAccessException e) {
      if (!e.errnoName().equals("EEXIST")) {
        throw e;
      }
    }
    TargetFile there = existing();
    if (there == null) {
      destination.tree().remove(target);
      return destination.tree().createFile(target);
    }
    needsTruncate = true;
    there.truncate(0);
    return there;
  }

  /// The regular file that is there, if it has no other name.
  private @Nullable TargetFile existing() throws FileAccessException, CorruptException {
    TargetFile there;
    try {
      there = destination.tree().openExisting(target);
    } catch (FileAccessException e) {
      if (e.errnoName().equals("EEXIST") || e.errnoName().equals("ELOOP")) {
        return null;
      }
      throw e;
    }
    if (there.status().links() > 1) {
      there.close();
      return null;
    }
    return there;
  }

  /// A file with other names may be one from elsewhere: then its metadata is not for this to set.
  /// One without a block on disk has lost its content with the power, or is small or all hole, and
  /// soon written again.
  private boolean keep() throws FileAccessException, CorruptException {
    TargetFile there;
    try {
      there = destination.tree().openExisting(target);
    } catch (FileAccessException e) {
      return false;
    }
    try (there) {
      FileStatus status = there.status();
      Timestamp mtime =
          new Timestamp(entry.metadata().mtimeSeconds(), entry.metadata().mtimeNanos());
      boolean isWhole = status.size() == entry.size() && status.mtime().equals(mtime);
      boolean isEmptied = status.size() > 0 && status.allocated() == 0;
      if (!isWhole || isEmptied || status.links() > 1) {
        return false;
      }
      destination.tally().addShortfalls(there.finish(destination.metadata(entry.metadata())));
      destination.tally().addKept(entry.size());
      return true;
    }
  }
}
