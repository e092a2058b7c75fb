package org.holdfast.client.archive;

import java.util.Arrays;
import java.util.HexFormat;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// Where an entry stands: the absolute path without its leading `/`, as the kernel's bytes.
///
/// - Components are separated by `/`; none is empty, `.` or `..`; none holds a NUL.
/// - The folder `/` has the empty path. No path is longer than [#LENGTH_MAX].
/// - The order is that of a walk: component by component as unsigned bytes, a folder before what it
///   holds. Comparing whole paths with `/` taken as 0 says the same, since no name holds a 0. A
///   subtree is therefore one contiguous range.
///
/// Immutable. Prints as hex, since the bytes need not be text.
public final class ArchivePath implements Comparable<ArchivePath> {
  /// Longest path in bytes.
  public static final int LENGTH_MAX = 65_535;

  /// The folder `/`.
  public static final ArchivePath ROOT = new ArchivePath(new byte[0]);

  private static final byte SEPARATOR = '/';

  private final byte[] bytes;

  private ArchivePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /// Copies the bytes.
  public static ArchivePath of(byte[] bytes) throws CorruptException {
    return wrap(bytes.clone());
  }

  /// Takes the array over: the caller must not change it afterwards.
  static ArchivePath wrap(byte[] bytes) throws CorruptException {
    String fault = fault(bytes);
    if (fault != null) {
      throw new CorruptException("not a path of an archive: " + fault);
    }
    return bytes.length == 0 ? ROOT : new ArchivePath(bytes);
  }

  /// The path of what this folder holds under that name, which must be a single component.
  public ArchivePath child(byte[] name) throws CorruptException {
    if (name.length == 0 || indexOf(name, SEPARATOR) >= 0) {
      throw new CorruptException("not a path of an archive: a name is empty or holds a /");
    }
    if (bytes.length == 0) {
      return of(name);
    }
    byte[] child = Arrays.copyOf(bytes, bytes.length + 1 + name.length);
    child[bytes.length] = SEPARATOR;
    System.arraycopy(name, 0, child, bytes.length + 1, name.length);
    return wrap(child);
  }

  /// The folder that holds this; the root's parent is the root.
  public ArchivePath parent() {
    int end = lastSeparator();
    return end <= 0 ? ROOT : new ArchivePath(Arrays.copyOf(bytes, end));
  }

  /// The last component; empty for the root.
  public byte[] name() {
    return Arrays.copyOfRange(bytes, lastSeparator() + 1, bytes.length);
  }

  public boolean isRoot() {
    return bytes.length == 0;
  }

  /// Whether that path is this one or lies below it.
  public boolean contains(ArchivePath other) {
    int length = bytes.length;
    if (length == 0) {
      return true;
    }
    return other.bytes.length >= length
        && Arrays.equals(bytes, 0, length, other.bytes, 0, length)
        && (other.bytes.length == length || other.bytes[length] == SEPARATOR);
  }

  /// Whether this path is that one or lies below it.
  public boolean startsWith(ArchivePath folder) {
    return folder.contains(this);
  }

  /// Length in bytes.
  public int length() {
    return bytes.length;
  }

  public byte at(int index) {
    return bytes[index];
  }

  public byte[] toArray() {
    return bytes.clone();
  }

  /// The path itself, not a copy, for code of this package that only reads it.
  byte[] shared() {
    return bytes;
  }

  /// How many leading bytes both paths have in common.
  int commonLength(ArchivePath other) {
    int at = Arrays.mismatch(bytes, other.bytes);
    return at < 0 ? bytes.length : at;
  }

  @Override
  public int compareTo(ArchivePath other) {
    int at = Arrays.mismatch(bytes, other.bytes);
    if (at < 0) {
      return 0;
    }
    if (at == bytes.length || at == other.bytes.length) {
      return Integer.compare(bytes.length, other.bytes.length);
    }
    return Integer.compare(rank(bytes[at]), rank(other.bytes[at]));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ArchivePath that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }

  /// The same bytes as a value without the rules of a path.
  public Bytes toBytes() {
    return Bytes.copyOf(bytes);
  }

  private static int rank(byte each) {
    return each == SEPARATOR ? 0 : each & 0xff;
  }

  private int lastSeparator() {
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes[i] == SEPARATOR) {
        return i;
      }
    }
    return -1;
  }

  private static @Nullable String fault(byte[] bytes) {
    if (bytes.length > LENGTH_MAX) {
      return "it has more than " + LENGTH_MAX + " bytes";
    }
    if (bytes.length == 0) {
      return null;
    }
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i < bytes.length && bytes[i] == 0) {
        return "it holds a NUL";
      }
      if (i == bytes.length || bytes[i] == SEPARATOR) {
        if (isForbidden(bytes, start, i)) {
          return "a component is empty, . or ..";
        }
        start = i + 1;
      }
    }
    return null;
  }

  private static boolean isForbidden(byte[] bytes, int start, int end) {
    return switch (end - start) {
      case 0 -> true;
      case 1 -> bytes[start] == '.';
      case 2 -> bytes[start] == '.' && bytes[start + 1] == '.';
      default -> false;
    };
  }

  private static int indexOf(byte[] bytes, byte wanted) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }
}
