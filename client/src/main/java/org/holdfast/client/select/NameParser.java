package org.holdfast.client.select;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.select.Glob.Name;
import org.holdfast.client.select.Glob.Part;
import org.holdfast.core.RefusedException;

/// Reads one name of a pattern, which lies between two slashes. Used once.
final class NameParser {
  private final byte[] pattern;
  private final int[] text;
  private final int end;
  private final boolean ignoresCase;
  private final List<Part> parts = new ArrayList<>();
  private int at;

  NameParser(byte[] pattern, int[] text, int start, int end, boolean ignoresCase) {
    this.pattern = pattern;
    this.text = text;
    this.at = start;
    this.end = end;
    this.ignoresCase = ignoresCase;
  }

  Name parse() throws RefusedException {
    if (end - at == 2 && text[at] == '*' && text[at + 1] == '*') {
      return new Name.AnyFolders();
    }
    if (end - at == 1 && text[at] == '.') {
      return new Name.Parts(parts);
    }
    if (end - at == 2 && text[at] == '.' && text[at + 1] == '.') {
      throw Glob.refusal(pattern, "has a '..', which no path has here: write it without");
    }
    while (at < end) {
      int character = text[at++];
      switch (character) {
        case '*' -> any();
        case '?' -> parts.add(new Part.One());
        case '[' -> parts.add(oneOf());
        case '\\' -> parts.add(literal(escaped()));
        default -> parts.add(literal(character));
      }
    }
    return new Name.Parts(parts);
  }

  /// Several are as one.
  private void any() {
    if (parts.isEmpty() || !(parts.getLast() instanceof Part.Any)) {
      parts.add(new Part.Any());
    }
  }

  private Part literal(int character) {
    return new Part.Literal(ignoresCase ? Text.fold(character) : character);
  }

  private int escaped() throws RefusedException {
    if (at == end) {
      throw Glob.refusal(pattern, "has nothing behind a \\: write \\\\ for a backslash");
    }
    return text[at++];
  }

  /// As POSIX has it: a `]` that comes first is one of them, and so is a `-` at either end.
  private Part oneOf() throws RefusedException {
    boolean isNegated = at < end && (text[at] == '!' || text[at] == '^');
    if (isNegated) {
      at++;
    }
    List<Part.Range> ranges = new ArrayList<>();
    do {
      int from = character();
      boolean isRange = at + 1 < end && text[at] == '-' && text[at + 1] != ']';
      if (isRange) {
        at++;
      }
      int to = isRange ? character() : from;
      if (to < from) {
        throw Glob.refusal(pattern, "has a range that ends before it begins");
      }
      ranges.add(new Part.Range(from, to));
      if (at == end) {
        throw unclosed();
      }
    } while (text[at] != ']');
    at++;
    return new Part.OneOf(ranges, isNegated);
  }

  private int character() throws RefusedException {
    if (at == end) {
      throw unclosed();
    }
    int character = text[at++];
    return character == '\\' ? escaped() : character;
  }

  private RefusedException unclosed() {
    return Glob.refusal(pattern, "has a [ without its ]: write \\[ for the character itself");
  }
}
