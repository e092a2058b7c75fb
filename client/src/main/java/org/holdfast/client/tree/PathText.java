package org.holdfast.client.tree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.holdfast.core.RefusedException;

/// Path bytes as text that is safe on a terminal, and back.
///
/// Printed as they are: the characters of valid UTF-8, unless they are control or format characters
/// (which move the cursor or turn the direction of writing), separators of lines, private or
/// unassigned. All other bytes become `\xHH`; a backslash becomes `\\`. [#parse] is the exact
/// inverse of [#print].
///
/// Names are bytes and Java's strings are not, so a path of a command line can be lost before
/// `main` sees it; [RawArguments] brings it back.
public final class PathText {
  private static final String HEX = "0123456789abcdef";
  private static final int LONGEST_CHARACTER = 4;

  private PathText() {}

  public static String print(byte[] path) {
    StringBuilder text = new StringBuilder(path.length);
    for (int at = 0; at < path.length; ) {
      if (path[at] >= 0x20 && path[at] < 0x7f && path[at] != '\\') {
        text.append((char) path[at++]);
      } else if (path[at] == '\\') {
        text.append("\\\\");
        at++;
      } else {
        at += printBeyondAscii(path, at, text);
      }
    }
    return text.toString();
  }

  /// Throws [RefusedException] for a backslash that starts no escape.
  public static byte[] parse(String text) throws RefusedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    int at = 0;
    while (at < text.length()) {
      int slash = text.indexOf('\\', at);
      int end = slash < 0 ? text.length() : slash;
      bytes.writeBytes(text.substring(at, end).getBytes(StandardCharsets.UTF_8));
      at = slash < 0 ? end : end + parseEscape(text, end, bytes);
    }
    return bytes.toByteArray();
  }

  private static int printBeyondAscii(byte[] path, int at, StringBuilder text) {
    int limit = Math.min(LONGEST_CHARACTER, path.length - at);
    for (int length = 2; length <= limit; length++) {
      int character = decode(path, at, length);
      if (character >= 0) {
        if (!isPrintable(character)) {
          break;
        }
        text.appendCodePoint(character);
        return length;
      }
    }
    text.append("\\x").append(HEX.charAt(path[at] >> 4 & 0xf)).append(HEX.charAt(path[at] & 0xf));
    return 1;
  }

  /// The one character that the bytes are in UTF-8, or -1.
  private static int decode(byte[] path, int at, int length) {
    try {
      var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(path, at, length));
      return Character.codePointCount(text, 0, text.length()) == 1
          ? Character.codePointAt(text, 0)
          : -1;
    } catch (CharacterCodingException _) {
      return -1;
    }
  }

  private static boolean isPrintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  private static int parseEscape(String text, int at, ByteArrayOutputStream bytes)
      throws RefusedException {
    if (text.startsWith("\\\\", at)) {
      bytes.write('\\');
      return 2;
    }
    if (text.startsWith("\\x", at) && at + 4 <= text.length()) {
      int high = HEX.indexOf(text.charAt(at + 2));
      int low = HEX.indexOf(text.charAt(at + 3));
      if (high >= 0 && low >= 0) {
        bytes.write(high << 4 | low);
        return 4;
      }
    }
    throw new RefusedException(
        "a backslash in \"" + text + "\" starts no escape: write \\\\ for a backslash itself");
  }
}
