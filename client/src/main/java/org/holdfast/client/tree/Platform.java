package org.holdfast.client.tree;

import java.util.Locale;
import org.holdfast.core.RefusedException;

/// What differs between the systems that file access is built for: Linux on x86-64 and on aarch64.
///
/// Numbers are from the kernel's `arch/arm64/include/uapi/asm/fcntl.h`,
/// `include/uapi/asm-generic/fcntl.h`, `include/uapi/asm-generic/unistd.h` and
/// `arch/x86/entry/syscalls/syscall_64.tbl`.
final class Platform {
  private static final boolean ARM = isArm(System.getProperty("os.arch", ""));

  static final int O_RDONLY = 0;
  static final int O_WRONLY = 1;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NOCTTY = 0x100;
  static final int O_NONBLOCK = 0x800;
  static final int O_DIRECTORY = ARM ? 0x4000 : 0x10000;
  static final int O_NOFOLLOW = ARM ? 0x8000 : 0x20000;
  static final int O_NOATIME = 0x40000;
  static final int O_CLOEXEC = 0x80000;
  static final int O_PATH = 0x200000;

  static final long SYS_GETDENTS64 = ARM ? 61 : 217;
  static final long SYS_MKNODAT = ARM ? 33 : 259;

  private Platform() {}

  /// Throws [RefusedException] where the system is another.
  static void check() throws RefusedException {
    check(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static void check(String system, String architecture) throws RefusedException {
    if (!system.equals("Linux")) {
      throw new RefusedException(
          "file access is built for Linux so far, and this is " + system + ": use a Linux machine");
    }
    if (!isArm(architecture) && !isX86(architecture)) {
      throw new RefusedException(
          "file access is built for x86-64 and aarch64 so far, and this is "
              + architecture
              + ": use another machine");
    }
  }

  private static boolean isArm(String architecture) {
    return architecture.toLowerCase(Locale.ROOT).equals("aarch64");
  }

  private static boolean isX86(String architecture) {
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }
}
