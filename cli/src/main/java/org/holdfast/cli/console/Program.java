package org.holdfast.cli.console;

/// What this program is called.
public final class Program {
  public static final String VERSION = "0.1.0";

  /// How it calls itself to servers and in archives.
  public static final String NAME = "holdfast " + VERSION;

  private Program() {}
}
