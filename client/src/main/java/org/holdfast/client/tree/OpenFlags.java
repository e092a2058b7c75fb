package org.holdfast.client.tree;

/// How files and folders of a source are opened: without following, without waiting for the other
/// end of a FIFO, and without touching the time of last access where the system allows that (to the
/// owner and to root).
final class OpenFlags {
  private static final int ALWAYS =
      Platform.O_RDONLY
          | Platform.O_NOFOLLOW
          | Platform.O_NONBLOCK
          | Platform.O_NOCTTY
          | Platform.O_CLOEXEC;

  private final long user;

  OpenFlags(Scratch scratch) {
    this.user = Integer.toUnsignedLong(Libc.geteuid(scratch));
  }

  /// Returns an open file, or an error number negated.
  int open(Scratch scratch, int folder, byte[] name, int more, long owner) {
    int flags = ALWAYS | more;
    if (user == 0 || user == owner) {
      int quiet = Libc.openat(scratch, folder, scratch.name(name), flags | Platform.O_NOATIME, 0);
      // Root of a user name space is not root to files of users outside it.
      if (quiet >= 0 || !Errno.EPERM.is(-quiet)) {
        return quiet;
      }
    }
    return Libc.openat(scratch, folder, scratch.name(name), flags, 0);
  }
}
