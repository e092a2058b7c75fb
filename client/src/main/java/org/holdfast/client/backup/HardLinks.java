package org.holdfast.client.backup;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.tree.FileStatus;
import org.jspecify.annotations.Nullable;

/// Files met so far that have several names, by what they are on this machine. Holds as many as
/// there are such files in the backup, until their last name has come.
final class HardLinks {
  private final Map<Inode, First> firsts = new HashMap<>();

  /// The name under which the file came first; empty if this is it, or if it has only one.
  Optional<First> first(FileStatus status) {
    if (!status.mayBeHardLinked()) {
      return Optional.empty();
    }
    Inode inode = new Inode(status.device(), status.inode());
    First first = firsts.get(inode);
    if (first != null && --first.namesToCome == 0) {
      firsts.remove(inode);
    }
    return Optional.ofNullable(first);
  }

  /// The file has come under its first name; `content` is what its other names share.
  void put(FileStatus status, ArchivePath path, WithContent content) {
    if (status.mayBeHardLinked()) {
      firsts.put(
          new Inode(status.device(), status.inode()), new First(path, content, status.links() - 1));
    }
  }

  /// What goes in [org.holdfast.client.archive.Metadata#link].
  static @Nullable ArchivePath link(FileStatus status, Optional<First> first) {
    if (!status.mayBeHardLinked()) {
      return null;
    }
    return first.map(found -> found.path).orElse(ArchivePath.ROOT);
  }

  /// A regular file's content, or nothing for other kinds.
  sealed interface WithContent permits Content, NoContent {}

  /// Extents that are known, or on their way.
  ///
  /// @param changed whether the file changed while it was read
  /// @param unchanged whether it was not read, as it is the same as in the archive before
  record Content(
      FileExtents extents, org.holdfast.core.Bytes tag, boolean changed, boolean unchanged)
      implements WithContent {}

  record NoContent() implements WithContent {}

  /// A file's first name.
  static final class First {
    private final ArchivePath path;
    private final WithContent content;
    private long namesToCome;

    First(ArchivePath path, WithContent content, long namesToCome) {
      this.path = path;
      this.content = content;
      this.namesToCome = namesToCome;
    }

    WithContent content() {
      return content;
    }
  }

  private record Inode(long device, long number) {}
}
