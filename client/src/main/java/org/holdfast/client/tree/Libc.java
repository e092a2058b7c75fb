package org.holdfast.client.tree;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.holdfast.core.Invariant;

/// Every call into the C library: the one place with native handles.
///
/// - Each method returns what the call returns, or the error number negated, as the kernel does.
/// - Each takes a [Scratch] for the error number, so a call allocates nothing. What a call reads or
///   fills is the scratch's too, or the caller's, who closes it after the call: so it stays.
/// - `getdents64` and `mknodat` go by number: C libraries before 2.30 and 2.33 do not export them.
/// - No call is `critical`: every one of them may wait for a disk or a network, and a critical call
///   holds up the garbage collector meanwhile. Passing a name through native memory costs 10 ns of
///   a call that takes 500.
/// - A call occupies its platform thread, also when a virtual thread makes it: for many reads in
///   flight use platform threads.
///
/// **All functions are called in one shape**, five words and a word for the result, since Java
/// makes a handle of each shape while a command starts, which takes 5 ms. On Linux a number and an
/// address take a register each, whatever their width, and the function looks at as much as it
/// declares (the psABI of x86-64 and the procedure call standard of AArch64); of a result it is the
/// caller who does. Those with a `...` take it as others do if they are told that no floating-point
/// number follows, which others do not mind.
final class Libc {
  private static final Linker LINKER = Linker.nativeLinker();

  @SuppressWarnings("restricted") // native calls are what this class is for
  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(1));

  private static final MemorySegment OPENAT = find("openat");
  private static final MemorySegment CLOSE = find("close");
  private static final MemorySegment STATX = find("statx");
  private static final MemorySegment SYSCALL = find("syscall");
  private static final MemorySegment PREAD = find("pread");
  private static final MemorySegment PWRITE = find("pwrite");
  private static final MemorySegment LSEEK = find("lseek");
  private static final MemorySegment FADVISE = find("posix_fadvise");
  private static final MemorySegment FTRUNCATE = find("ftruncate");
  private static final MemorySegment FDATASYNC = find("fdatasync");
  private static final MemorySegment SYNCFS = find("syncfs");
  private static final MemorySegment READLINKAT = find("readlinkat");
  private static final MemorySegment MKDIRAT = find("mkdirat");
  private static final MemorySegment SYMLINKAT = find("symlinkat");
  private static final MemorySegment LINKAT = find("linkat");
  private static final MemorySegment UNLINKAT = find("unlinkat");
  private static final MemorySegment CHMOD = find("chmod");
  private static final MemorySegment FCHMOD = find("fchmod");
  private static final MemorySegment FCHOWNAT = find("fchownat");
  private static final MemorySegment UTIMENSAT = find("utimensat");
  private static final MemorySegment FUTIMENS = find("futimens");
  private static final MemorySegment LLISTXATTR = find("llistxattr");
  private static final MemorySegment LGETXATTR = find("lgetxattr");
  private static final MemorySegment FLISTXATTR = find("flistxattr");
  private static final MemorySegment FGETXATTR = find("fgetxattr");
  private static final MemorySegment SETXATTR = find("setxattr");
  private static final MemorySegment REMOVEXATTR = find("removexattr");
  private static final MemorySegment EXIT = find("_exit");
  private static final MemorySegment GETEUID = find("geteuid");
  private static final MemorySegment GETPWUID = find("getpwuid_r");
  private static final MemorySegment GETGRGID = find("getgrgid_r");
  private static final MemorySegment GETPWNAM = find("getpwnam_r");
  private static final MemorySegment GETGRNAM = find("getgrnam_r");

  private Libc() {}

  static int openat(Scratch scratch, int folder, MemorySegment name, int flags, int mode) {
    return scratch.outcome((int) call(scratch, OPENAT, folder, at(name), flags, mode));
  }

  static int close(Scratch scratch, int file) {
    return scratch.outcome((int) call(scratch, CLOSE, file));
  }

  static int statx(Scratch scratch, int folder, MemorySegment name, int flags, int mask) {
    return scratch.outcome(
        (int) call(scratch, STATX, folder, at(name), flags, mask, at(scratch.status)));
  }

  static long getdents64(Scratch scratch, int folder, MemorySegment into) {
    return scratch.outcome(
        call(scratch, SYSCALL, Platform.SYS_GETDENTS64, folder, at(into), into.byteSize()));
  }

  static long mknodat(Scratch scratch, int folder, MemorySegment name, int mode, int device) {
    return scratch.outcome(
        call(scratch, SYSCALL, Platform.SYS_MKNODAT, folder, at(name), mode, device));
  }

  static long pread(Scratch scratch, int file, MemorySegment into, long length, long position) {
    return scratch.outcome(call(scratch, PREAD, file, at(into), length, position));
  }

  static long pwrite(Scratch scratch, int file, MemorySegment from, long length, long position) {
    return scratch.outcome(call(scratch, PWRITE, file, at(from), length, position));
  }

  static long lseek(Scratch scratch, int file, long position, int whence) {
    return scratch.outcome(call(scratch, LSEEK, file, position, whence));
  }

  static int fadvise(Scratch scratch, int file, int advice) {
    return (int) call(scratch, FADVISE, file, 0, 0, advice);
  }

  static int ftruncate(Scratch scratch, int file, long size) {
    return scratch.outcome((int) call(scratch, FTRUNCATE, file, size));
  }

  static int fdatasync(Scratch scratch, int file) {
    return scratch.outcome((int) call(scratch, FDATASYNC, file));
  }

  static int syncfs(Scratch scratch, int file) {
    return scratch.outcome((int) call(scratch, SYNCFS, file));
  }

  static long readlinkat(Scratch scratch, int folder, MemorySegment name, MemorySegment into) {
    return scratch.outcome(call(scratch, READLINKAT, folder, at(name), at(into), into.byteSize()));
  }

  static int mkdirat(Scratch scratch, int folder, MemorySegment name, int mode) {
    return scratch.outcome((int) call(scratch, MKDIRAT, folder, at(name), mode));
  }

  static int symlinkat(Scratch scratch, MemorySegment target, int folder, MemorySegment name) {
    return scratch.outcome((int) call(scratch, SYMLINKAT, at(target), folder, at(name)));
  }

  /// Does not follow a symlink at either end.
  static int linkat(
      Scratch scratch, int oldFolder, MemorySegment oldName, int folder, MemorySegment name) {
    return scratch.outcome(
        (int) call(scratch, LINKAT, oldFolder, at(oldName), folder, at(name), 0));
  }

  /// Takes a name away; never a folder's.
  static int unlinkat(Scratch scratch, int folder, MemorySegment name) {
    return scratch.outcome((int) call(scratch, UNLINKAT, folder, at(name), 0));
  }

  static int chmod(Scratch scratch, MemorySegment path, int mode) {
    return scratch.outcome((int) call(scratch, CHMOD, at(path), mode));
  }

  static int fchmod(Scratch scratch, int file, int mode) {
    return scratch.outcome((int) call(scratch, FCHMOD, file, mode));
  }

  static int fchownat(
      Scratch scratch, int folder, MemorySegment name, int uid, int gid, int flags) {
    return scratch.outcome((int) call(scratch, FCHOWNAT, folder, at(name), uid, gid, flags));
  }

  static int utimensat(
      Scratch scratch, int folder, MemorySegment name, MemorySegment times, int flags) {
    return scratch.outcome((int) call(scratch, UTIMENSAT, folder, at(name), at(times), flags));
  }

  static int futimens(Scratch scratch, int file, MemorySegment times) {
    return scratch.outcome((int) call(scratch, FUTIMENS, file, at(times)));
  }

  static long llistxattr(Scratch scratch, MemorySegment path, MemorySegment into) {
    return scratch.outcome(call(scratch, LLISTXATTR, at(path), at(into), into.byteSize()));
  }

  static long lgetxattr(
      Scratch scratch, MemorySegment path, MemorySegment name, MemorySegment into) {
    return scratch.outcome(call(scratch, LGETXATTR, at(path), at(name), at(into), into.byteSize()));
  }

  static long flistxattr(Scratch scratch, int file, MemorySegment into) {
    return scratch.outcome(call(scratch, FLISTXATTR, file, at(into), into.byteSize()));
  }

  static long fgetxattr(Scratch scratch, int file, MemorySegment name, MemorySegment into) {
    return scratch.outcome(call(scratch, FGETXATTR, file, at(name), at(into), into.byteSize()));
  }

  static int setxattr(
      Scratch scratch, MemorySegment path, MemorySegment name, MemorySegment value, long length) {
    return scratch.outcome((int) call(scratch, SETXATTR, at(path), at(name), at(value), length, 0));
  }

  static int removexattr(Scratch scratch, MemorySegment path, MemorySegment name) {
    return scratch.outcome((int) call(scratch, REMOVEXATTR, at(path), at(name)));
  }

  /// Does not return.
  static void exit(int code) {
    try (Scratch scratch = Scratch.borrow()) {
      call(scratch, EXIT, code);
    }
  }

  static int geteuid(Scratch scratch) {
    return (int) call(scratch, GETEUID);
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
    long room = texts.byteSize();
    return group
        ? (int) call(scratch, GETGRGID, id, at(record), at(texts), room, at(found))
        : (int) call(scratch, GETPWUID, id, at(record), at(texts), room, at(found));
  }

  static int accountByName(
      Scratch scratch,
      boolean group,
      MemorySegment name,
      MemorySegment record,
      MemorySegment texts,
      MemorySegment found) {
    long room = texts.byteSize();
    return group
        ? (int) call(scratch, GETGRNAM, at(name), at(record), at(texts), room, at(found))
        : (int) call(scratch, GETPWNAM, at(name), at(record), at(texts), room, at(found));
  }

  private static long call(Scratch scratch, MemorySegment function) {
    return call(scratch, function, 0, 0, 0, 0, 0);
  }

  private static long call(Scratch scratch, MemorySegment function, long a) {
    return call(scratch, function, a, 0, 0, 0, 0);
  }

  private static long call(Scratch scratch, MemorySegment function, long a, long b) {
    return call(scratch, function, a, b, 0, 0, 0);
  }

  private static long call(Scratch scratch, MemorySegment function, long a, long b, long c) {
    return call(scratch, function, a, b, c, 0, 0);
  }

  private static long call(
      Scratch scratch, MemorySegment function, long a, long b, long c, long d) {
    return call(scratch, function, a, b, c, d, 0);
  }

  private static long call(
      Scratch scratch, MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) CALL.invokeExact(function, scratch.errno, a, b, c, d, e);
    } catch (Throwable fault) {
      throw new AssertionError(fault);
    }
  }

  private static long at(MemorySegment memory) {
    Invariant.check(memory.isNative(), "the C library reaches what it is given");
    return memory.address();
  }

  private static MemorySegment find(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }
}
