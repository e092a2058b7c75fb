package org.holdfast.client.archive;

import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// What every kind of entry has besides its path.
///
/// - `mode` is the lower 12 bits of `st_mode`; `userId` and `groupId` are unsigned.
/// - A name that is empty is not known.
/// - Times are seconds since 1970, which may be negative, and nanoseconds from 0 to 999,999,999
///   that count forward.
/// - `link` is null if the file has one name. If it has several it is the empty path for the entry
///   that comes first, and that entry's path for the others.
public record Metadata(
    int mode,
    int userId,
    int groupId,
    Bytes userName,
    Bytes groupName,
    long mtimeSeconds,
    int mtimeNanos,
    long ctimeSeconds,
    int ctimeNanos,
    long inode,
    long device,
    Attributes attributes,
    @Nullable ArchivePath link) {

  /// The user or group has no name that is known.
  public static final Bytes NO_NAME = Bytes.wrap(new byte[0]);

  /// Longest name of a user, a group or an attribute in bytes.
  public static final int NAME_LENGTH_MAX = 1_024;

  static final int MODE_MAX = 0xfff;
  static final int NANOS_MAX = 999_999_999;

  public Metadata {
    Invariant.check((mode & ~MODE_MAX) == 0, "a mode has 12 bits");
    Invariant.check(mtimeNanos >= 0 && mtimeNanos <= NANOS_MAX, "nanoseconds of the mtime");
    Invariant.check(ctimeNanos >= 0 && ctimeNanos <= NANOS_MAX, "nanoseconds of the ctime");
    Invariant.check(userName.length() <= NAME_LENGTH_MAX, "the user's name is too long");
    Invariant.check(groupName.length() <= NAME_LENGTH_MAX, "the group's name is too long");
  }

  /// Whether the file has other names too.
  public boolean isHardLinked() {
    return link != null;
  }

  /// The entry that carries the first name of the same file, if this is not that entry.
  public Optional<ArchivePath> firstName() {
    return link == null || link.isRoot() ? Optional.empty() : Optional.of(link);
  }

  static boolean isName(Bytes name) {
    return name.length() >= 1 && name.length() <= NAME_LENGTH_MAX;
  }
}
