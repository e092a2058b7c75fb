package org.holdfast.seal;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Right;

/// Rights in text: `write,read,tidy,nuke`.
public final class Rights {
  private Rights() {}

  public static String name(Right right) {
    return right.name().toLowerCase(Locale.ROOT);
  }

  /// In the order in which rights are declared.
  public static String format(Set<Right> rights) {
    return EnumSet.copyOf(rights).stream().map(Rights::name).collect(Collectors.joining(","));
  }

  /// In any order. Throws [RefusedException] for a word that is no right, a repeated one, or none.
  public static Set<Right> parse(String text) throws RefusedException {
    EnumSet<Right> rights = EnumSet.noneOf(Right.class);
    for (String word : text.split(",", -1)) {
      if (!rights.add(parseOne(word))) {
        throw new RefusedException("right named twice: " + word);
      }
    }
    return rights;
  }

  private static Right parseOne(String word) throws RefusedException {
    for (Right right : Right.values()) {
      if (name(right).equals(word)) {
        return right;
      }
    }
    throw new RefusedException("no such right: '" + word + "'; use write, read, tidy or nuke");
  }
}
