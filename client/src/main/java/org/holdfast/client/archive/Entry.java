package org.holdfast.client.archive;

import java.util.List;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;

/// A file, folder, link or device in an archive.
///
/// Invariants: only a folder has the empty path; only what is not a folder can be hard linked; a
/// hard link names an entry before it. Immutable and small: a backup of a million files passes a
/// million of these through memory, though not at once.
public sealed interface Entry {
  ArchivePath path();

  Metadata metadata();

  /// A regular file, or a part of a long one.
  ///
  /// The extents cover the file from `offset` on. In a page, a file of more than [#EXTENTS_MAX]
  /// extents stands as several parts; see [#isWhole].
  ///
  /// @param size of the whole file
  /// @param offset of the first extent in the file; not 0 only for a later part of a long file
  /// @param changed whether the file changed while it was read, so that this may be a mixture
  /// @param tag keyed hash of the content, [#TAG_LENGTH] bytes, or empty if there is none
  record RegularFile(
      ArchivePath path,
      Metadata metadata,
      long size,
      long offset,
      boolean changed,
      Bytes tag,
      List<Extent> extents)
      implements Entry {
    /// Most extents of an entry in a page, so that no page outgrows a block.
    public static final int EXTENTS_MAX = 16_384;

    /// Length of a content tag in bytes.
    public static final int TAG_LENGTH = 16;

    /// The tag of a file that has none.
    public static final Bytes NO_TAG = Bytes.wrap(new byte[0]);

    public RegularFile {
      extents = List.copyOf(extents);
      checkNames(path, metadata);
      Invariant.check(size >= 0 && offset >= 0, "sizes are not negative");
      Invariant.check(tag.length() == 0 || tag.length() == TAG_LENGTH, "length of a content tag");
      long rest = size - offset;
      for (Extent each : extents) {
        rest -= each.length();
        Invariant.check(rest >= 0, "extents do not go beyond the file's size");
      }
    }

    /// Whether the extents cover all of the file.
    public boolean isWhole() {
      return offset == 0 && end() == size;
    }

    /// Where in the file the extents end.
    public long end() {
      long end = offset;
      for (Extent each : extents) {
        end += each.length();
      }
      return end;
    }
  }

  /// A folder.
  ///
  /// @param ancestorOnly it stands above a path that was asked for; what else it holds is not kept
  record Folder(ArchivePath path, Metadata metadata, boolean ancestorOnly) implements Entry {
    public Folder {
      Invariant.check(!metadata.isHardLinked(), "a folder is not hard linked");
    }
  }

  /// A symbolic link; the target is kept as it is and means whatever it means.
  record Symlink(ArchivePath path, Metadata metadata, Bytes target) implements Entry {
    /// Longest target in bytes.
    public static final int TARGET_LENGTH_MAX = 65_535;

    public Symlink {
      checkNames(path, metadata);
      Invariant.check(isTarget(target), "a symbolic link's target");
    }

    static boolean isTarget(Bytes target) {
      for (int i = 0; i < target.length(); i++) {
        if (target.at(i) == 0) {
          return false;
        }
      }
      return target.length() >= 1 && target.length() <= TARGET_LENGTH_MAX;
    }
  }

  /// A named pipe.
  record Fifo(ArchivePath path, Metadata metadata) implements Entry {
    public Fifo {
      checkNames(path, metadata);
    }
  }

  /// A device; `major` and `minor` are unsigned.
  record Device(ArchivePath path, Metadata metadata, DeviceKind kind, int major, int minor)
      implements Entry {
    public Device {
      checkNames(path, metadata);
    }
  }

  /// The two kinds of device.
  enum DeviceKind {
    CHARACTER,
    BLOCK
  }

  private static void checkNames(ArchivePath path, Metadata metadata) {
    Invariant.check(!path.isRoot(), "the empty path is a folder's");
    ArchivePath link = metadata.link();
    Invariant.check(link == null || link.compareTo(path) < 0, "a hard link's first name is first");
  }
}
