package org.holdfast.client.backup;

import java.util.Optional;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;

/// Reads files into streams of chunks: small ones share a stream, each larger one has its own.
///
/// A small file whose content tag is the old one keeps its old extents, so that a changed time or
/// owner costs no content.
///
/// One thread at a time.
final class FileIntake implements AutoCloseable {
  /// Bytes asked for in one read.
  private static final int READ_LENGTH = 1 << 20;

  private final ChunkStream shared;
  private final ChunkStream own;
  private final BackupProgress progress;

  FileIntake(ChunkStream shared, ChunkStream own, BackupProgress progress) {
    this.shared = shared;
    this.own = own;
    this.progress = progress;
  }

  /// Takes in all that a file has that was just opened: a large one, or one with holes.
  HardLinks.Content read(SourceFile file) throws FileAccessException, HoldfastException {
    boolean isLarge = file.opened().size() > SmallFile.LENGTH_MAX;
    HardLinks.Content content = read(file, isLarge ? own : shared);
    if (isLarge) {
      own.flush();
    }
    return content;
  }

  /// Takes in a file that was read already: it keeps its old extents if the tag is the old one.
  HardLinks.Content take(SmallFile file, Optional<Entry.RegularFile> old) throws HoldfastException {
    progress.bytes(file.length());
    if (isSameContent(old, file.tag(), file.length())) {
      FileExtents extents = FileExtents.known(old.orElseThrow().extents());
      return new HardLinks.Content(extents, file.tag(), file.changed(), false);
    }
    FileExtents extents = new FileExtents();
    append(extents, file.content(), file.length());
    extents.complete();
    return new HardLinks.Content(extents, file.tag(), file.changed(), false);
  }

  @Override
  public void close() {
    shared.close();
    own.close();
  }

  /// Gives every byte so far its place.
  void flush() throws HoldfastException {
    shared.flush();
  }

  private static boolean isSameContent(Optional<Entry.RegularFile> old, Bytes tag, long length) {
    return old.isPresent() && old.get().size() == length && old.get().tag().equals(tag);
  }

  private HardLinks.Content read(SourceFile file, ChunkStream into)
      throws FileAccessException, HoldfastException {
    FileExtents extents = new FileExtents();
    while (true) {
      long hole = file.skipHole();
      if (hole > 0) {
        extents.hole(hole);
        progress.bytes(hole);
      }
      int room = Math.min(into.room(), READ_LENGTH);
      int read = file.read(into.buffer(), into.position(), room);
      if (read < 0) {
        break;
      }
      into.advance(extents, read);
      progress.bytes(read);
    }
    extents.complete();
    return new HardLinks.Content(
        extents, Entry.RegularFile.NO_TAG, SmallFile.hasChanged(file), false);
  }

  private void append(FileExtents extents, byte[] content, int length) throws HoldfastException {
    int done = 0;
    while (done < length) {
      int part = Math.min(shared.room(), length - done);
      System.arraycopy(content, done, shared.buffer(), shared.position(), part);
      shared.advance(extents, part);
      done += part;
    }
  }
}
