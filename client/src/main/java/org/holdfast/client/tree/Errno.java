package org.holdfast.client.tree;

/// The error numbers of Linux that file access meets, equal on x86-64 and aarch64
/// (`asm-generic/errno-base.h`, `asm-generic/errno.h`), with their usual texts and what to do.
enum Errno {
  EPERM(1, "Operation not permitted", Advice.RIGHTS),
  ENOENT(2, "No such file or directory", "it is not there, or vanished meanwhile"),
  EINTR(4, "Interrupted system call", "try again"),
  EIO(5, "Input/output error", "check the disk and the kernel's log"),
  ENXIO(6, "No such device or address", "check the device"),
  EBADF(9, "Bad file descriptor", "report this as a fault of the program"),
  EAGAIN(11, "Resource temporarily unavailable", "try again"),
  ENOMEM(12, "Cannot allocate memory", "free some memory"),
  EACCES(13, "Permission denied", Advice.RIGHTS),
  EBUSY(16, "Device or resource busy", "stop what uses it"),
  EEXIST(17, "File exists", "remove it or choose an empty target"),
  EXDEV(18, "Invalid cross-device link", "choose a target on one file system"),
  ENODEV(19, "No such device", "check the device"),
  ENOTDIR(20, "Not a directory", "a file or a symlink is where a folder should be: remove it"),
  EISDIR(21, "Is a directory", "remove it or choose an empty target"),
  EINVAL(22, "Invalid argument", "the file system does not support this"),
  ENFILE(23, "Too many open files in system", "raise the system's limit of open files"),
  EMFILE(24, "Too many open files", "raise the limit of open files (ulimit -n)"),
  ETXTBSY(26, "Text file busy", "stop the program that runs from it"),
  EFBIG(27, "File too large", "choose a file system that holds files of this size"),
  ENOSPC(28, "No space left on device", "free some space and go on with --resume"),
  EROFS(30, "Read-only file system", "choose a target that can be written"),
  EMLINK(31, "Too many links", "choose a file system that allows more hard links"),
  ERANGE(34, "Numerical result out of range", "the buffer was too small"),
  ENAMETOOLONG(36, "File name too long", "choose a file system that allows longer names"),
  ENOSYS(38, "Function not implemented", "a newer kernel is needed"),
  ELOOP(
      40,
      "Too many levels of symbolic links",
      "a symlink is where a file or folder should be: remove it"),
  ENODATA(61, "No data available", "it vanished meanwhile"),
  EOVERFLOW(75, "Value too large for defined data type", "the file system does not support this"),
  EOPNOTSUPP(95, "Operation not supported", "the file system does not support this"),
  ESTALE(116, "Stale file handle", "it was replaced meanwhile: look again"),
  EDQUOT(122, "Disk quota exceeded", "free some space and go on with --resume");

  private final int number;
  private final String text;
  private final String advice;

  Errno(int number, String text, String advice) {
    this.number = number;
    this.text = text;
    this.advice = advice;
  }

  int number() {
    return number;
  }

  boolean is(int errno) {
    return number == errno;
  }

  static String name(int errno) {
    for (Errno each : values()) {
      if (each.number == errno) {
        return each.name();
      }
    }
    return "errno " + errno;
  }

  /// The text that C libraries give for the number.
  static String text(int errno) {
    for (Errno each : values()) {
      if (each.number == errno) {
        return each.text;
      }
    }
    return "Unknown error";
  }

  /// What a person may do about it.
  static String advice(int errno) {
    for (Errno each : values()) {
      if (each.number == errno) {
        return each.advice;
      }
    }
    return "look the number up in errno(3)";
  }

  private static final class Advice {
    static final String RIGHTS = "run as a user who may do this";
  }
}
