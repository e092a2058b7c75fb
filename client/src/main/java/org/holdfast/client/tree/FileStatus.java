package org.holdfast.client.tree;

/// What one `statx` says of an entry.
///
/// - `mode` has the lower twelve bits (07777) only; the type is apart.
/// - `uid`, `gid`, `links` and `inode` are unsigned. `inode` uses all 64 bits.
/// - `size` is in bytes and means something for files and symlinks only; `allocated` is the bytes
///   that the file system has set aside.
/// - `device` is `major << 32 | minor` of the file system. It is not stable across reboots.
/// - `rdevMajor` and `rdevMinor` are 0 unless the entry is a device.
/// - `hasNoDump` says whether it has the flag that asks not to be backed up (`chattr +d`).
public record FileStatus(
    FileType type,
    int mode,
    long uid,
    long gid,
    long size,
    long allocated,
    Timestamp mtime,
    Timestamp ctime,
    long inode,
    long device,
    long links,
    int rdevMajor,
    int rdevMinor,
    boolean hasNoDump) {

  /// Whether both are the same object of the same file system.
  public boolean isSameFile(FileStatus other) {
    return inode == other.inode && device == other.device && type == other.type;
  }

  /// Whether a file may have changed since the other status was taken.
  public boolean differsInContentFrom(FileStatus other) {
    return !isSameFile(other)
        || size != other.size
        || !mtime.equals(other.mtime)
        || !ctime.equals(other.ctime);
  }

  /// Whether there may be other names for this entry, which restores as one object.
  public boolean mayBeHardLinked() {
    return type != FileType.FOLDER && links > 1;
  }
}
