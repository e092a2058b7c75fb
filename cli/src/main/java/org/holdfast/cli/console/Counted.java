package org.holdfast.cli.console;

/// Numbers of things, for people.
public final class Counted {
  private Counted() {}

  /// "1 file", "2 files".
  public static String of(long count, String thing) {
    return count + " " + (count == 1 ? thing : thing + "s");
  }
}
