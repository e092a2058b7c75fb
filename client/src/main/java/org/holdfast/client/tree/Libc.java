package org.holdfast.client.tree;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/// Every call into the C library: the one place with native handles.
///
/// - Each method returns what the call returns, or the error number negated, as the kernel does.
/// - Each takes a [Scratch] for the error number, so a call allocates nothing.
/// - `getdents64` and `mknodat` go by number: C libraries before 2.30 and 2.33 do not export them.
/// - No call is `critical`: every one of them may wait for a disk or a network, and a critical call
///   holds up the garbage collector meanwhile. Passing a name through native memory costs 10 ns of
///   a call that takes 500.
/// - A call occupies its platform thread, also when a virtual thread makes it: for many reads in
///   flight use platform threads.
final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");

  private static final MethodHandle OPENAT =
      handle("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle CLOSE = handle("close", JAVA_INT, JAVA_INT);
  private static final MethodHandle STATX =
      handle("statx", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle GETDENTS =
      handle("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle MKNODAT =
      handle("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle PREAD =
      handle("pread", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle PWRITE =
      handle("pwrite", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final MethodHandle LSEEK =
      handle("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FADVISE =
      handle("posix_fadvise", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FTRUNCATE = handle("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle FDATASYNC = handle("fdatasync", JAVA_INT, JAVA_INT);
  private static final MethodHandle SYNCFS = handle("syncfs", JAVA_INT, JAVA_INT);
  private static final MethodHandle READLINKAT =
      handle("readlinkat", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle MKDIRAT =
      handle("mkdirat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle SYMLINKAT =
      handle("symlinkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle LINKAT =
      handle("linkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle UNLINKAT =
      handle("unlinkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CHMOD = handle("chmod", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle FCHMOD = handle("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHOWNAT =
      handle("fchownat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UTIMENSAT =
      handle("utimensat", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle FUTIMENS = handle("futimens", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle LLISTXATTR =
      handle("llistxattr", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle LGETXATTR =
      handle("lgetxattr", JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle FLISTXATTR =
      handle("flistxattr", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle FGETXATTR =
      handle("fgetxattr", JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle SETXATTR =
      handle("setxattr", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle REMOVEXATTR = handle("removexattr", JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle GETEUID = handle("geteuid", JAVA_INT);
  private static final MethodHandle GETPWUID =
      handle("getpwuid_r", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle GETGRGID =
      handle("getgrgid_r", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle GETPWNAM =
      handle("getpwnam_r", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle GETGRNAM =
      handle("getgrnam_r", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);

  private Libc() {}

  static int openat(Scratch scratch, int folder, MemorySegment name, int flags, int mode) {
    try {
      return scratch.outcome((int) OPENAT.invokeExact(scratch.errno, folder, name, flags, mode));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int close(Scratch scratch, int file) {
    try {
      return scratch.outcome((int) CLOSE.invokeExact(scratch.errno, file));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int statx(Scratch scratch, int folder, MemorySegment name, int flags, int mask) {
    try {
      return scratch.outcome(
          (int) STATX.invokeExact(scratch.errno, folder, name, flags, mask, scratch.status));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long getdents64(Scratch scratch, int folder, MemorySegment into) {
    try {
      return scratch.outcome(
          (long)
              GETDENTS.invokeExact(
                  scratch.errno, Platform.SYS_GETDENTS64, folder, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long mknodat(Scratch scratch, int folder, MemorySegment name, int mode, int device) {
    try {
      return scratch.outcome(
          (long)
              MKNODAT.invokeExact(scratch.errno, Platform.SYS_MKNODAT, folder, name, mode, device));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long pread(Scratch scratch, int file, MemorySegment into, long length, long position) {
    try {
      return scratch.outcome((long) PREAD.invokeExact(scratch.errno, file, into, length, position));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long pwrite(Scratch scratch, int file, MemorySegment from, long length, long position) {
    try {
      return scratch.outcome(
          (long) PWRITE.invokeExact(scratch.errno, file, from, length, position));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long lseek(Scratch scratch, int file, long position, int whence) {
    try {
      return scratch.outcome((long) LSEEK.invokeExact(scratch.errno, file, position, whence));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int fadvise(Scratch scratch, int file, int advice) {
    try {
      return (int) FADVISE.invokeExact(scratch.errno, file, 0L, 0L, advice);
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int ftruncate(Scratch scratch, int file, long size) {
    try {
      return scratch.outcome((int) FTRUNCATE.invokeExact(scratch.errno, file, size));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int fdatasync(Scratch scratch, int file) {
    try {
      return scratch.outcome((int) FDATASYNC.invokeExact(scratch.errno, file));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int syncfs(Scratch scratch, int file) {
    try {
      return scratch.outcome((int) SYNCFS.invokeExact(scratch.errno, file));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long readlinkat(Scratch scratch, int folder, MemorySegment name, MemorySegment into) {
    try {
      return scratch.outcome(
          (long) READLINKAT.invokeExact(scratch.errno, folder, name, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int mkdirat(Scratch scratch, int folder, MemorySegment name, int mode) {
    try {
      return scratch.outcome((int) MKDIRAT.invokeExact(scratch.errno, folder, name, mode));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int symlinkat(Scratch scratch, MemorySegment target, int folder, MemorySegment name) {
    try {
      return scratch.outcome((int) SYMLINKAT.invokeExact(scratch.errno, target, folder, name));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  /// Does not follow a symlink at either end.
  static int linkat(
      Scratch scratch, int oldFolder, MemorySegment oldName, int folder, MemorySegment name) {
    try {
      return scratch.outcome(
          (int) LINKAT.invokeExact(scratch.errno, oldFolder, oldName, folder, name, 0));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  /// Takes a name away; never a folder's.
  static int unlinkat(Scratch scratch, int folder, MemorySegment name) {
    try {
      return scratch.outcome((int) UNLINKAT.invokeExact(scratch.errno, folder, name, 0));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int chmod(Scratch scratch, MemorySegment path, int mode) {
    try {
      return scratch.outcome((int) CHMOD.invokeExact(scratch.errno, path, mode));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int fchmod(Scratch scratch, int file, int mode) {
    try {
      return scratch.outcome((int) FCHMOD.invokeExact(scratch.errno, file, mode));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int fchownat(
      Scratch scratch, int folder, MemorySegment name, int uid, int gid, int flags) {
    try {
      return scratch.outcome(
          (int) FCHOWNAT.invokeExact(scratch.errno, folder, name, uid, gid, flags));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int utimensat(
      Scratch scratch, int folder, MemorySegment name, MemorySegment times, int flags) {
    try {
      return scratch.outcome(
          (int) UTIMENSAT.invokeExact(scratch.errno, folder, name, times, flags));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int futimens(Scratch scratch, int file, MemorySegment times) {
    try {
      return scratch.outcome((int) FUTIMENS.invokeExact(scratch.errno, file, times));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long llistxattr(Scratch scratch, MemorySegment path, MemorySegment into) {
    try {
      return scratch.outcome(
          (long) LLISTXATTR.invokeExact(scratch.errno, path, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long lgetxattr(
      Scratch scratch, MemorySegment path, MemorySegment name, MemorySegment into) {
    try {
      return scratch.outcome(
          (long) LGETXATTR.invokeExact(scratch.errno, path, name, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long flistxattr(Scratch scratch, int file, MemorySegment into) {
    try {
      return scratch.outcome(
          (long) FLISTXATTR.invokeExact(scratch.errno, file, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static long fgetxattr(Scratch scratch, int file, MemorySegment name, MemorySegment into) {
    try {
      return scratch.outcome(
          (long) FGETXATTR.invokeExact(scratch.errno, file, name, into, into.byteSize()));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int setxattr(
      Scratch scratch, MemorySegment path, MemorySegment name, MemorySegment value, long length) {
    try {
      return scratch.outcome(
          (int) SETXATTR.invokeExact(scratch.errno, path, name, value, length, 0));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int removexattr(Scratch scratch, MemorySegment path, MemorySegment name) {
    try {
      return scratch.outcome((int) REMOVEXATTR.invokeExact(scratch.errno, path, name));
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int geteuid(Scratch scratch) {
    try {
      return (int) GETEUID.invokeExact(scratch.errno);
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  /// Fills `record` with a `struct passwd` or `struct group`; `found` is where its address goes.
  /// Returns the error number itself, as these calls do.
  static int accountById(
      Scratch scratch,
      boolean group,
      int id,
      MemorySegment record,
      MemorySegment texts,
      MemorySegment found) {
    try {
      long room = texts.byteSize();
      return group
          ? (int) GETGRGID.invokeExact(scratch.errno, id, record, texts, room, found)
          : (int) GETPWUID.invokeExact(scratch.errno, id, record, texts, room, found);
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  static int accountByName(
      Scratch scratch,
      boolean group,
      MemorySegment name,
      MemorySegment record,
      MemorySegment texts,
      MemorySegment found) {
    try {
      long room = texts.byteSize();
      return group
          ? (int) GETGRNAM.invokeExact(scratch.errno, name, record, texts, room, found)
          : (int) GETPWNAM.invokeExact(scratch.errno, name, record, texts, room, found);
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  private static MethodHandle handle(String name, ValueLayout result, ValueLayout... arguments) {
    return handle(name, arguments.length, result, arguments);
  }

  /// `fixed` arguments come before the `...` of a variadic function.
  @SuppressWarnings("restricted") // native calls are what this class is for
  private static MethodHandle handle(
      String name, int fixed, ValueLayout result, ValueLayout... arguments) {
    List<Linker.Option> options = new ArrayList<>(List.of(ERRNO));
    if (fixed < arguments.length) {
      options.add(Linker.Option.firstVariadicArg(fixed));
    }
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, (MemoryLayout[]) arguments),
        options.toArray(Linker.Option[]::new));
  }
}
