package org.holdfast.client.tree;

import java.util.Arrays;
import org.holdfast.core.CorruptException;

/// Paths within a tree: names of one byte or more, joined by `/`, without a slash at either end.
/// The root's own path is empty. A name is any bytes but `/` and NUL, and neither `.` nor `..`.
///
/// The order of paths is that of an archive: by name after name, each compared as unsigned bytes,
/// so that a folder comes directly before all that it holds. As no name has a NUL, comparing bytes
/// with `/` counted as 0 is the same.
public final class TreePath {
  private static final byte[] ROOT = {};

  private TreePath() {}

  /// The path of the root itself.
  public static byte[] root() {
    return ROOT;
  }

  /// The path of a child.
  public static byte[] join(byte[] folder, byte[] name) {
    if (folder.length == 0) {
      return name;
    }
    byte[] joined = Arrays.copyOf(folder, folder.length + 1 + name.length);
    joined[folder.length] = '/';
    System.arraycopy(name, 0, joined, folder.length + 1, name.length);
    return joined;
  }

  /// The path of the folder that holds the entry. The root holds itself.
  public static byte[] parent(byte[] path) {
    return Arrays.copyOf(path, Math.max(0, lastSlash(path)));
  }

  /// The last name of a path; empty for the root.
  public static byte[] name(byte[] path) {
    return Arrays.copyOfRange(path, lastSlash(path) + 1, path.length);
  }

  /// The archive's order.
  public static int compare(byte[] left, byte[] right) {
    int at = Arrays.mismatch(left, right);
    if (at < 0) {
      return 0;
    }
    if (at == left.length || at == right.length) {
      return left.length - right.length;
    }
    return Integer.compare(rank(left[at]), rank(right[at]));
  }

  /// Whether the path is in the folder, at any depth, or is the folder.
  public static boolean isWithin(byte[] path, byte[] folder) {
    return folder.length == 0
        || (path.length >= folder.length
            && Arrays.equals(path, 0, folder.length, folder, 0, folder.length)
            && (path.length == folder.length || path[folder.length] == '/'));
  }

  /// Throws [CorruptException] for what could lead out of a tree or names nothing.
  ///
  /// Made for paths that come from an archive: they are signed, but a signer may be a thief.
  public static void check(byte[] path) throws CorruptException {
    int start = 0;
    for (int end = 0; end <= path.length; end++) {
      if (end == path.length || path[end] == '/') {
        checkName(path, start, end);
        start = end + 1;
      } else if (path[end] == 0) {
        throw refusal("has a NUL", path);
      }
    }
  }

  private static void checkName(byte[] path, int start, int end) throws CorruptException {
    int length = end - start;
    if (length == 0) {
      throw refusal("has an empty name", path);
    }
    if (path[start] == '.' && (length == 1 || (length == 2 && path[start + 1] == '.'))) {
      throw refusal("has the name " + ".".repeat(length), path);
    }
  }

  private static CorruptException refusal(String why, byte[] path) {
    return new CorruptException(
        "the path \"" + PathText.print(path) + "\" " + why + ": it is left out for safety");
  }

  private static int lastSlash(byte[] path) {
    for (int at = path.length - 1; at >= 0; at--) {
      if (path[at] == '/') {
        return at;
      }
    }
    return -1;
  }

  private static int rank(byte unit) {
    return unit == '/' ? 0 : unit & 0xff;
  }
}
