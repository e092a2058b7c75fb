package org.holdfast.client.tree;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `struct statx` (`include/uapi/linux/stat.h`), which is the same on every architecture:
///
/// ```
/// offset   8 u64 attributes
///         16 u32 nlink   20 u32 uid   24 u32 gid   28 u16 mode   32 u64 ino   40 u64 size
///         48 u64 blocks of 512 bytes   96 ctime { s64 seconds, u32 nanoseconds }   112 mtime
///        128 u32 rdev_major   132 u32 rdev_minor   136 u32 dev_major   140 u32 dev_minor
/// ```
final class Statx {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int BASIC_STATS = 0x7ff;
  private static final int BLOCK_BYTES = 512;
  private static final int PERMISSIONS = 07777;
  private static final long STATX_ATTR_NODUMP = 0x40;
  private static final int NANOS_LAST = 999_999_999;

  /// An empty C string.
  static final MemorySegment EMPTY = Arena.global().allocate(1);

  private Statx() {}

  /// Asks for a name in a folder, not followed. Returns 0 or an error number negated; the answer is
  /// in the scratch.
  static int ofName(Scratch scratch, int folder, byte[] name) {
    return Libc.statx(
        scratch, folder, scratch.name(name), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, BASIC_STATS);
  }

  /// Asks for an open file, as [#ofName] does.
  static int ofFile(Scratch scratch, int file) {
    return Libc.statx(scratch, file, EMPTY, AT_EMPTY_PATH, BASIC_STATS);
  }

  /// The answer to the last question.
  static FileStatus decode(Scratch scratch) {
    MemorySegment at = scratch.status;
    int mode = at.get(ValueLayout.JAVA_SHORT, 28) & 0xffff;
    return new FileStatus(
        FileType.ofMode(mode),
        mode & PERMISSIONS,
        unsigned(at, 20),
        unsigned(at, 24),
        at.get(ValueLayout.JAVA_LONG, 40),
        at.get(ValueLayout.JAVA_LONG, 48) * BLOCK_BYTES,
        timestamp(at, 112),
        timestamp(at, 96),
        at.get(ValueLayout.JAVA_LONG, 32),
        unsigned(at, 136) << 32 | unsigned(at, 140),
        unsigned(at, 16),
        at.get(ValueLayout.JAVA_INT, 128),
        at.get(ValueLayout.JAVA_INT, 132),
        (at.get(ValueLayout.JAVA_LONG, 8) & STATX_ATTR_NODUMP) != 0);
  }

  /// A damaged file system can hold any number of nanoseconds; what is too large is cut.
  private static Timestamp timestamp(MemorySegment at, long offset) {
    long nanos = Math.min(unsigned(at, offset + 8), NANOS_LAST);
    return new Timestamp(at.get(ValueLayout.JAVA_LONG, offset), (int) nanos);
  }

  private static long unsigned(MemorySegment at, long offset) {
    return Integer.toUnsignedLong(at.get(ValueLayout.JAVA_INT, offset));
  }
}
