package org.holdfast.client.backup;

import java.util.Optional;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;

/// Reads files into streams of chunks: small ones share a stream, each larger one has its own.
///
/// A small file whose content tag is the old one keeps its old extents, so that a changed time or
/// owner costs no content.
///
/// One thread at a time.
final class FileIntake {
  /// Files up to so many bytes share chunks: together they compress better and cost fewer blocks,
  /// while larger ones are found again under another name.
  static final int SMALL_LENGTH_MAX = 128 << 10;

  /// Bytes asked for in one read.
  private static final int READ_LENGTH = 1 << 20;

  private final ChunkStream shared;
  private final ChunkStream own;
  private final ContentTag tags;
  private final BackupProgress progress;
  private final byte[] scratch = new byte[SMALL_LENGTH_MAX + 1];

  FileIntake(ChunkStream shared, ChunkStream own, ContentTag tags, BackupProgress progress) {
    this.shared = shared;
    this.own = own;
    this.tags = tags;
    this.progress = progress;
  }

  /// Takes in all that the file has, from its start. `old` is its entry in the last archive.
  HardLinks.Content read(SourceFile file, Optional<Entry.RegularFile> old)
      throws FileAccessException, HoldfastException {
    if (file.opened().size() <= SMALL_LENGTH_MAX) {
      return readSmall(file, old);
    }
    FileExtents extents = new FileExtents();
    while (true) {
      long hole = file.skipHole();
      if (hole > 0) {
        extents.hole(hole);
        progress.bytes(hole);
      }
      int room = Math.min(own.room(), READ_LENGTH);
      int read = file.read(own.buffer(), own.position(), room);
      if (read < 0) {
        break;
      }
      own.advance(extents, read);
      progress.bytes(read);
    }
    own.flush();
    return content(file, extents, Entry.RegularFile.NO_TAG);
  }

  /// Gives every byte so far its place.
  void flush() throws HoldfastException {
    shared.flush();
  }

  private static boolean isSameContent(Optional<Entry.RegularFile> old, Bytes tag, long length) {
    return old.isPresent() && old.get().size() == length && old.get().tag().equals(tag);
  }

  private static boolean hasChanged(SourceFile file) throws FileAccessException {
    FileStatus after = file.status();
    return after.differsInContentFrom(file.opened()) || file.position() != after.size();
  }

  /// A file without holes gets a tag, and its old extents if the tag is the old one.
  private HardLinks.Content readSmall(SourceFile file, Optional<Entry.RegularFile> old)
      throws FileAccessException, HoldfastException {
    FileExtents extents = new FileExtents();
    boolean sparse = false;
    int length = 0;
    while (true) {
      long hole = file.skipHole();
      if (hole > 0) {
        append(extents, length);
        length = 0;
        extents.hole(hole);
        sparse = true;
      }
      int read = file.read(scratch, length, scratch.length - length);
      if (read < 0) {
        break;
      }
      length += read;
    }
    Bytes tag = sparse ? Entry.RegularFile.NO_TAG : tags.of(scratch, 0, length);
    if (!sparse && isSameContent(old, tag, length)) {
      progress.bytes(length);
      return content(file, FileExtents.known(old.orElseThrow().extents()), tag);
    }
    append(extents, length);
    progress.bytes(extents.length());
    return content(file, extents, tag);
  }

  private static HardLinks.Content content(SourceFile file, FileExtents extents, Bytes tag)
      throws FileAccessException {
    extents.complete();
    return new HardLinks.Content(extents, tag, hasChanged(file), false);
  }

  private void append(FileExtents extents, int length) throws HoldfastException {
    int done = 0;
    while (done < length) {
      int part = Math.min(shared.room(), length - done);
      System.arraycopy(scratch, done, shared.buffer(), shared.position(), part);
      shared.advance(extents, part);
      done += part;
    }
  }
}
