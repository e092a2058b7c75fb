package org.holdfast.cli.console;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// Turns the paths of a command line into absolute ones, byte for byte.
///
/// `.` and repeated slashes go; `..` goes with the folder before it, unless that is a symlink,
/// where it would lead elsewhere than it seems to. What is there is looked at, so that a mistyped
/// path is an error and not an empty backup.
public final class SourcePaths {
  /// What paths that are taken byte for byte are called in help.
  public static final String LABEL = "PATH";

  /// The option of a folder that is named byte for byte.
  public static final String TARGET = "--target";

  private static final byte[] NONE = new byte[0];

  private SourcePaths() {}

  /// The absolute path of something that is there.
  ///
  /// @param base where a path begins that does not begin with a slash, absolute
  public static byte[] existing(byte[] path, byte[] base)
      throws HoldfastException, FileAccessException {
    byte[] absolute = absolute(path, base);
    try (SourceTree tree = PosixTree.open(absolute)) {
      tree.status(NONE);
    }
    return absolute;
  }

  /// Whether a symlink is there.
  public static boolean isSymlink(byte[] absolute) throws HoldfastException {
    try (SourceTree tree = PosixTree.open(absolute)) {
      return tree.status(NONE).type() == FileType.SYMLINK;
    } catch (FileAccessException e) {
      return false;
    }
  }

  /// The absolute path of one argument, which need not exist.
  public static byte[] absolute(byte[] path) throws HoldfastException, FileAccessException {
    return absolute(path, path.length > 0 && path[0] == '/' ? NONE : workingFolder());
  }

  /// The absolute path of one argument, which need not exist.
  ///
  /// @param base where a path begins that does not begin with a slash, absolute
  public static byte[] absolute(byte[] path, byte[] base)
      throws HoldfastException, FileAccessException {
    if (path.length == 0) {
      throw new RefusedException("an empty path names nothing: write . for this folder");
    }
    List<byte[]> names = new ArrayList<>();
    if (path[0] != '/') {
      addAll(names, base);
    }
    addAll(names, path);
    return join(names);
  }

  private static void addAll(List<byte[]> names, byte[] path)
      throws HoldfastException, FileAccessException {
    int start = 0;
    for (int at = 0; at <= path.length; at++) {
      if (at < path.length && path[at] != '/') {
        continue;
      }
      String name = new String(path, start, at - start, StandardCharsets.ISO_8859_1);
      start = at + 1;
      switch (name) {
        case "", "." -> {}
        case ".." -> goUp(names);
        default -> names.add(name.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }

  private static void goUp(List<byte[]> names) throws HoldfastException, FileAccessException {
    if (names.isEmpty()) {
      return;
    }
    byte[] folder = join(names);
    if (isSymlink(folder)) {
      throw new RefusedException(
          "'..' behind the symlink "
              + PathText.print(folder)
              + " does not lead where it seems to: write the path without it");
    }
    names.removeLast();
  }

  /// Where this process is.
  public static byte[] workingFolder() throws HoldfastException, FileAccessException {
    try (SourceTree link = PosixTree.open("/proc/self/cwd".getBytes(StandardCharsets.US_ASCII))) {
      return link.symlinkTarget(NONE);
    }
  }

  private static byte[] join(List<byte[]> names) {
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    for (byte[] name : names) {
      path.write('/');
      path.writeBytes(name);
    }
    return path.size() == 0 ? new byte[] {'/'} : path.toByteArray();
  }
}
