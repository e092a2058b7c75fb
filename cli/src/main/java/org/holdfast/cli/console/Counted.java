package org.holdfast.cli.console;

/// Numbers of things, for people.
public final class Counted {
  private Counted() {}

  /// "1 file", "2 files".
  public static String of(long count, String thing) {
    return of(count, thing, thing + "s");
  }

  /// "1 entry", "2 entries".
  public static String of(long count, String one, String several) {
    return count + " " + (count == 1 ? one : several);
  }
}
