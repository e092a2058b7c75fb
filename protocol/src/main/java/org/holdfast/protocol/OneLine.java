package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

/// What makes a text safe to show to a person: no control characters, no unpaired surrogates, not
/// too long.
public final class OneLine {
  private OneLine() {}

  /// Whether the text holds no control character, so that it cannot drive a terminal.
  public static boolean isClean(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  /// The text with a blank for each control character, cut to that many bytes of UTF-8.
  static String of(String text, int maxBytes) {
    StringBuilder line = new StringBuilder();
    int bytes = 0;
    for (int at = 0; at < text.length(); ) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      String shown = Character.toString(shown(point));
      bytes += shown.getBytes(UTF_8).length;
      if (bytes > maxBytes) {
        break;
      }
      line.append(shown);
    }
    return line.toString();
  }

  private static int shown(int point) {
    if (Character.isISOControl(point)) {
      return ' ';
    }
    boolean unpaired = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    return unpaired ? '?' : point;
  }
}
