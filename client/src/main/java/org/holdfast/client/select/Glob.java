package org.holdfast.client.select;

import java.util.ArrayList;
import java.util.List;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.RefusedException;

/// A pattern of paths, by the rules that `.gitignore` files, restic and rsync share:
///
/// - `*` is any characters of a name, `?` is one, `[a-z]` one of these and `[!a-z]` or `[^a-z]` one
///   of all others; `\` takes the next character as it is.
/// - `**` as a whole name is any number of folders, none among them.
/// - A pattern that begins with `/` says where a path begins, at the root of the file system. Any
///   other may begin at any folder: `*.o` and `build/cache` match at every depth.
/// - A pattern that ends with `/` matches folders only.
///
/// Names are bytes; where they are UTF-8 a character is one, else a byte is. Immutable.
public final class Glob {
  private static final int SLASH = '/';

  private final List<Name> names;
  private final boolean isAnchored;
  private final boolean isForFolders;
  private final boolean ignoresCase;

  private Glob(List<Name> names, boolean isAnchored, boolean isForFolders, boolean ignoresCase) {
    this.names = List.copyOf(names);
    this.isAnchored = isAnchored;
    this.isForFolders = isForFolders;
    this.ignoresCase = ignoresCase;
  }

  /// Throws [RefusedException] for what is no pattern.
  public static Glob of(byte[] pattern, boolean ignoresCase) throws RefusedException {
    int[] text = Text.of(pattern);
    List<Name> names = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= text.length; at++) {
      if (at < text.length && text[at] != SLASH) {
        continue;
      }
      Name name = new NameParser(pattern, text, start, at, ignoresCase).parse();
      if (!(name instanceof Name.Parts parts) || !parts.isEmpty()) {
        names.add(name);
      }
      start = at + 1;
    }
    if (names.isEmpty()) {
      throw refusal(pattern, "names nothing");
    }
    boolean isForFolders = text[text.length - 1] == SLASH;
    return new Glob(names, text[0] == SLASH, isForFolders, ignoresCase);
  }

  /// Whether an entry matches, itself and not by a folder above it.
  ///
  /// @param path from the root of the file system, with a leading slash or without
  public boolean matches(byte[] path, boolean isFolder) {
    return matches(names(path), isFolder);
  }

  /// The same.
  ///
  /// @param path its names from the root of the file system, as [#names] makes them
  boolean matches(List<int[]> path, boolean isFolder) {
    if (isForFolders && !isFolder) {
      return false;
    }
    int last = isAnchored ? 0 : path.size() - 1;
    for (int from = 0; from <= last; from++) {
      if (matchesFrom(from, path)) {
        return true;
      }
    }
    return false;
  }

  /// A path's names, for [#matches].
  static List<int[]> names(byte[] path) {
    List<int[]> names = new ArrayList<>();
    int start = 0;
    for (int at = 0; at <= path.length; at++) {
      if (at == path.length || path[at] == SLASH) {
        if (at > start) {
          names.add(Text.of(path, start, at));
        }
        start = at + 1;
      }
    }
    return names;
  }

  /// As [Name.Parts#matches] does it for characters. A `**` at the end needs something to match:
  /// `a/**` is what is in a, and not a.
  private boolean matchesFrom(int start, List<int[]> path) {
    int name = 0;
    int at = start;
    int any = -1;
    int anyAt = 0;
    while (at < path.size()) {
      if (name < names.size() && names.get(name) instanceof Name.AnyFolders) {
        any = name++;
        anyAt = at;
      } else if (name < names.size()
          && names.get(name) instanceof Name.Parts parts
          && parts.matches(path.get(at), ignoresCase)) {
        name++;
        at++;
      } else if (any >= 0) {
        name = any + 1;
        at = ++anyAt;
      } else {
        return false;
      }
    }
    return name == names.size();
  }

  static RefusedException refusal(byte[] pattern, String why) {
    return new RefusedException("the pattern '" + PathText.print(pattern) + "' " + why);
  }

  /// One name of a pattern.
  sealed interface Name {
    /// `**`.
    record AnyFolders() implements Name {}

    /// All others.
    record Parts(List<Part> all) implements Name {
      public Parts {
        all = List.copyOf(all);
      }

      boolean isEmpty() {
        return all.isEmpty();
      }

      /// In time of at most the product of both lengths: of several `*` only the last one is ever
      /// tried again.
      boolean matches(int[] name, boolean ignoresCase) {
        int part = 0;
        int at = 0;
        int star = -1;
        int starAt = 0;
        while (at < name.length) {
          if (part < all.size() && all.get(part) instanceof Part.Any) {
            star = part++;
            starAt = at;
          } else if (part < all.size() && all.get(part).matches(name[at], ignoresCase)) {
            part++;
            at++;
          } else if (star >= 0) {
            part = star + 1;
            at = ++starAt;
          } else {
            return false;
          }
        }
        while (part < all.size() && all.get(part) instanceof Part.Any) {
          part++;
        }
        return part == all.size();
      }
    }
  }

  /// What one character of a name may be; of [Any], how many there are.
  sealed interface Part {
    boolean matches(int character, boolean ignoresCase);

    /// `*`.
    record Any() implements Part {
      @Override
      public boolean matches(int character, boolean ignoresCase) {
        return true;
      }
    }

    /// `?`.
    record One() implements Part {
      @Override
      public boolean matches(int character, boolean ignoresCase) {
        return true;
      }
    }

    /// Itself; folded where case does not count.
    record Literal(int wanted) implements Part {
      @Override
      public boolean matches(int character, boolean ignoresCase) {
        return (ignoresCase ? Text.fold(character) : character) == wanted;
      }
    }

    /// `[...]`.
    record OneOf(List<Range> ranges, boolean isNegated) implements Part {
      public OneOf {
        ranges = List.copyOf(ranges);
      }

      @Override
      public boolean matches(int character, boolean ignoresCase) {
        boolean isIn =
            ignoresCase
                ? isIn(
                        Character.isValidCodePoint(character)
                            ? Character.toUpperCase(character)
                            : character)
                    || isIn(Text.fold(character))
                : isIn(character);
        return isIn != isNegated;
      }

      private boolean isIn(int character) {
        return ranges.stream().anyMatch(each -> each.from <= character && character <= each.to);
      }
    }

    /// Both ends are in it.
    record Range(int from, int to) {}
  }
}
