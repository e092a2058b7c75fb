package org.holdfast.client.tree;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.core.RefusedException;

/// Where a tree hangs: an open folder and the root's name in it (`.` if the root is that folder).
///
/// The path that leads there is the user's word and is followed, symlinks and all, but for its last
/// name, so that a symlink can be a root. It may be longer than a system call takes.
@SuppressWarnings("ArrayRecordComponent") // one for each tree, never compared
record Anchor(int folder, byte[] name, byte[] path) {
  private static final int AT_FDCWD = -100;
  private static final int LONGEST_PIECE = 4000;
  private static final byte[] SELF = {'.'};
  private static final byte[] OPEN_FILES = "/proc/self/fd".getBytes(StandardCharsets.US_ASCII);

  /// Throws [RefusedException] where file access is not built for the system.
  static Anchor ofSource(byte[] path) throws FileAccessException, RefusedException {
    checkSystem(path);
    checkNameLengths(path);
    byte[] name = TreePath.name(path);
    boolean isSelf = name.length == 0 || isDots(name);
    byte[] folder = isSelf ? path : Arrays.copyOf(path, path.length - name.length);
    if (folder.length == 0) {
      folder = SELF;
    }
    try (Scratch scratch = Scratch.borrow()) {
      return new Anchor(openFolder(scratch, folder), isSelf ? SELF : name, path);
    }
  }

  /// As [#ofSource], but the root is a folder, and its last name is followed. A folder that is not
  /// there is created if its parent is there.
  static Anchor ofTarget(byte[] path) throws FileAccessException, RefusedException {
    checkSystem(path);
    try (Scratch scratch = Scratch.borrow()) {
      create(scratch, path);
      return new Anchor(openFolder(scratch, path), SELF, path);
    }
  }

  /// The path of an entry as a person knows it.
  byte[] printed(byte[] relative) {
    if (relative.length == 0) {
      return path;
    }
    boolean hasSlash = path.length > 0 && path[path.length - 1] == '/';
    return TreePath.join(hasSlash ? Arrays.copyOf(path, path.length - 1) : path, relative);
  }

  private static void checkSystem(byte[] path) throws RefusedException {
    Platform.check();
    for (byte unit : path) {
      if (unit == 0) {
        throw new RefusedException("the path " + PathText.print(path) + " has a NUL: leave it out");
      }
    }
    if (path.length == 0) {
      throw new RefusedException("a path is empty: write . for the current folder");
    }
    try (Scratch scratch = Scratch.borrow()) {
      if (Statx.ofName(scratch, AT_FDCWD, OPEN_FILES) < 0) {
        throw new RefusedException("/proc/self/fd is missing: mount proc at /proc first");
      }
    }
  }

  private static boolean isDots(byte[] name) {
    return Arrays.equals(name, SELF) || Arrays.equals(name, new byte[] {'.', '.'});
  }

  private static void create(Scratch scratch, byte[] path) throws FileAccessException {
    int end = path.length;
    while (end > 1 && path[end - 1] == '/') {
      end--;
    }
    byte[] trimmed = Arrays.copyOf(path, end);
    byte[] name = TreePath.name(trimmed);
    if (name.length == 0 || isDots(name)) {
      return;
    }
    byte[] folder = Arrays.copyOf(trimmed, trimmed.length - name.length);
    checkNameLengths(path);
    int parent = openFolder(scratch, folder.length == 0 ? SELF : folder);
    int outcome = Libc.mkdirat(scratch, parent, scratch.name(name), 0700);
    Libc.close(scratch, parent);
    // What is there is opened next, which shows whether it will do.
    if (outcome < 0 && !Errno.EEXIST.is(-outcome)) {
      throw refusal(trimmed, folder.length == 0 ? SELF : folder, -outcome);
    }
  }

  /// Rights and the mount are the parent's; anything else may have to do with the name.
  private static FileAccessException refusal(byte[] path, byte[] parent, int errno) {
    boolean isOfParent = Errno.EACCES.is(errno) || Errno.EROFS.is(errno);
    return isOfParent
        ? new FileAccessException("create a folder in", parent, errno)
        : new FileAccessException("create", path, errno);
  }

  private static int openFolder(Scratch scratch, byte[] path) throws FileAccessException {
    checkNameLengths(path);
    int flags = Platform.O_PATH | Platform.O_DIRECTORY | Platform.O_CLOEXEC;
    int at = AT_FDCWD;
    int start = 0;
    while (true) {
      byte[] piece = piece(path, start);
      int next = Libc.openat(scratch, at, scratch.name(piece), flags, 0);
      if (at != AT_FDCWD) {
        Libc.close(scratch, at);
      }
      if (next < 0) {
        throw new FileAccessException("open", path, -next);
      }
      start += piece.length;
      if (start >= path.length) {
        return next;
      }
      at = next;
      while (start < path.length && path[start] == '/') {
        start++;
      }
      if (start == path.length) {
        return at;
      }
    }
  }

  /// As much of the path as fits one call, up to a slash.
  private static byte[] piece(byte[] path, int start) {
    if (path.length - start <= LONGEST_PIECE) {
      return Arrays.copyOfRange(path, start, path.length);
    }
    int end = start + LONGEST_PIECE;
    while (end > start && path[end] != '/') {
      end--;
    }
    return Arrays.copyOfRange(path, start, end);
  }

  /// So that each piece can end at a slash.
  private static void checkNameLengths(byte[] path) throws FileAccessException {
    int start = 0;
    for (int at = 0; at < path.length; at++) {
      if (path[at] == '/') {
        start = at + 1;
      } else if (at - start >= LONGEST_PIECE) {
        throw new FileAccessException("open", path, Errno.ENAMETOOLONG.number());
      }
    }
  }
}
