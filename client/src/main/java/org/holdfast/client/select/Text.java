package org.holdfast.client.select;

import java.util.Arrays;

/// The characters of a name, which is bytes: of what is UTF-8 the code points, and of every other
/// byte a number beyond them, so that it equals itself alone.
final class Text {
  /// Where the numbers of bytes begin that are not UTF-8.
  static final int BYTES = Character.MAX_CODE_POINT + 1;

  private Text() {}

  static int[] of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  static int[] of(byte[] bytes, int start, int end) {
    int[] characters = new int[end - start];
    int count = 0;
    for (int at = start; at < end; ) {
      int length = lengthOf(bytes, at, end);
      characters[count++] = length == 0 ? BYTES + (bytes[at] & 0xff) : decode(bytes, at, length);
      at += Math.max(1, length);
    }
    return count == characters.length ? characters : Arrays.copyOf(characters, count);
  }

  /// The character without its case, as `equalsIgnoreCase` compares them.
  static int fold(int character) {
    return character >= BYTES ? character : Character.toLowerCase(Character.toUpperCase(character));
  }

  /// Bytes of the character that begins there; 0 if it is none of UTF-8 (RFC 3629).
  private static int lengthOf(byte[] bytes, int at, int end) {
    int first = bytes[at] & 0xff;
    int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || first > 0xf4 || at + length > end) {
      return 0;
    }
    for (int i = at + 1; i < at + length; i++) {
      if ((bytes[i] & 0xc0) != 0x80) {
        return 0;
      }
    }
    int character = decode(bytes, at, length);
    boolean isOverlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
    boolean isNone =
        character > Character.MAX_CODE_POINT
            || (character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE);
    return isOverlong || isNone ? 0 : length;
  }

  private static int decode(byte[] bytes, int at, int length) {
    if (length == 1) {
      return bytes[at];
    }
    int character = bytes[at] & (0x7f >> length);
    for (int i = at + 1; i < at + length; i++) {
      character = character << 6 | (bytes[i] & 0x3f);
    }
    return character;
  }
}
