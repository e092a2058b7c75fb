package org.holdfast.client.select;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.FileStatus;
import org.holdfast.client.tree.FileType;
import org.holdfast.client.tree.SourceFile;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.Bytes;
import org.holdfast.core.RefusedException;

/// A file by whose presence a folder says that what it holds is left out. The folder itself is
/// taken, and so is the file, so that what is restored says the same of itself.
///
/// @param name of the file
/// @param begin with what its content begins; empty if that does not matter
public record FolderMark(Bytes name, Bytes begin) {
  /// What applications put into folders whose content can be made again (Cache Directory Tagging
  /// Specification, bford.info/cachedir).
  public static final FolderMark CACHE =
      new FolderMark(ascii("CACHEDIR.TAG"), ascii("Signature: 8a477f597d28d172789f06886806bc55"));

  /// `NAME`, or `NAME:BEGIN`.
  public static FolderMark of(byte[] text) throws RefusedException {
    int colon = 0;
    while (colon < text.length && text[colon] != ':') {
      colon++;
    }
    byte[] name = Arrays.copyOf(text, colon);
    byte[] begin = Arrays.copyOfRange(text, Math.min(colon + 1, text.length), text.length);
    for (byte each : name) {
      if (each == '/') {
        throw new RefusedException(
            "the file that marks a folder is named without a /: it lies in that folder");
      }
    }
    if (name.length == 0) {
      throw new RefusedException("the file that marks a folder has a name");
    }
    return new FolderMark(Bytes.wrap(name), Bytes.wrap(begin));
  }

  /// Whether the file is in that folder. Where that cannot be found out the folder is taken.
  boolean isIn(SourceTree tree, byte[] folder) {
    byte[] path = TreePath.join(folder, name.toArray());
    try {
      FileStatus status = tree.status(path);
      if (status.type() != FileType.REGULAR || status.size() < begin.length()) {
        return false;
      }
      return begin.length() == 0 || begins(tree, path, status);
    } catch (FileAccessException e) {
      return false;
    }
  }

  private boolean begins(SourceTree tree, byte[] path, FileStatus status)
      throws FileAccessException {
    byte[] first = new byte[begin.length()];
    try (SourceFile file = tree.open(path, status)) {
      return file.read(first, 0, first.length) == first.length && begin.equals(Bytes.wrap(first));
    }
  }

  private static Bytes ascii(String text) {
    return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
