package org.holdfast.server.image;

import java.util.List;
import java.util.regex.Pattern;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;

/// A file of an image: its name in the index's folder, its length in bytes, and the HMACs of its
/// pieces, of which all but the last have [#PIECE_LENGTH] bytes.
public record ImageFile(String name, long length, List<Bytes> pieces) {
  /// Whoever sends or fetches holds whole pieces in memory, some at a time.
  public static final int PIECE_LENGTH = 8 << 20;

  /// Longer than any name that RocksDB gives.
  static final int NAME_LENGTH_MAX = 32;

  /// Any other name might be a path.
  private static final Pattern NAME =
      Pattern.compile("[0-9]{6,20}\\.sst|MANIFEST-[0-9]{6,20}|CURRENT|OPTIONS-[0-9]{6,20}");

  public ImageFile {
    Invariant.check(isName(name), "an image's files have names that an index gives");
    Invariant.check(pieces.size() == pieces(length), "a file has as many pieces as it is long");
    pieces = List.copyOf(pieces);
  }

  /// Whether an index's file may be called that.
  static boolean isName(String name) {
    return name.length() <= NAME_LENGTH_MAX && NAME.matcher(name).matches();
  }

  /// How many pieces a file of that length has.
  static long pieces(long length) {
    return length / PIECE_LENGTH + (length % PIECE_LENGTH == 0 ? 0 : 1);
  }

  /// The length of one of its pieces in bytes.
  public int pieceLength(int index) {
    return (int) Math.min(PIECE_LENGTH, length - (long) index * PIECE_LENGTH);
  }
}
