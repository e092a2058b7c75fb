package org.holdfast.client.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.archive.EntryCursor;
import org.holdfast.client.archive.ListReader;
import org.holdfast.client.archive.Metadata;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.core.CorruptException;

/// An earlier archive's entries, read in step with the walk, to see what has not changed.
///
/// A file is unchanged if size, mtime, ctime and inode are: `touch -r` sets the mtime back, but not
/// the ctime. A ctime that is not clearly older than the backup that saw it proves nothing, since
/// the file may have changed again within the same tick of the file system's clock.
///
/// One thread at a time.
final class OldArchive implements AutoCloseable {
  /// Coarser than the clocks that file systems take their times from (10 ms at most on Linux).
  private static final long TICK_MILLIS = 40;

  private final Optional<FileChannel> channel;
  private Optional<EntryCursor> cursor;
  private final long trustedBeforeMillis;

  private OldArchive(Optional<FileChannel> channel, Optional<EntryCursor> cursor, long millis) {
    this.channel = channel;
    this.cursor = cursor;
    this.trustedBeforeMillis = millis - TICK_MILLIS;
  }

  /// Knows nothing: every file is read.
  static OldArchive none() {
    return new OldArchive(Optional.empty(), Optional.empty(), 0);
  }

  /// A list that is damaged is as good as none.
  static OldArchive open(FileChannel channel) throws IOException {
    try {
      ListReader list = new ListReader(channel);
      EntryCursor cursor = new EntryCursor(list);
      return new OldArchive(Optional.of(channel), Optional.of(cursor), list.startMillis());
    } catch (CorruptException e) {
      channel.close();
      return none();
    }
  }

  /// The old entry with that path; paths asked for ascend.
  Optional<Entry> find(ArchivePath path) throws IOException {
    if (cursor.isEmpty()) {
      return Optional.empty();
    }
    try {
      return cursor.get().seek(path);
    } catch (CorruptException e) {
      // From here on every file is read again.
      cursor = Optional.empty();
      return Optional.empty();
    }
  }

  /// Whether nothing about the entry has changed, metadata included.
  boolean isUnchanged(Entry old, FileStatus status) {
    Metadata metadata = old.metadata();
    boolean sameSize =
        !(old instanceof Entry.RegularFile file)
            || (file.size() == status.size() && !file.changed());
    return sameSize
        && metadata.inode() == status.inode()
        && metadata.mode() == status.mode()
        && metadata.mtimeSeconds() == status.mtime().seconds()
        && metadata.mtimeNanos() == status.mtime().nanos()
        && metadata.ctimeSeconds() == status.ctime().seconds()
        && metadata.ctimeNanos() == status.ctime().nanos()
        && isSettled(status);
  }

  @Override
  public void close() throws IOException {
    if (channel.isPresent()) {
      channel.get().close();
    }
  }

  private boolean isSettled(FileStatus status) {
    long seconds = status.ctime().seconds();
    return seconds < trustedBeforeMillis / 1000
        || (seconds == trustedBeforeMillis / 1000
            && status.ctime().nanos() / 1_000_000 < trustedBeforeMillis % 1000);
  }
}
