package org.holdfast.cli.console;

/// What the program's exit code says. `docs/cli.md` has the same list for people.
public final class ExitCode {
  public static final int DONE = 0;

  /// It failed, and nothing at the server is different.
  public static final int FAILED = 1;

  /// It failed after the server's state had changed: look before you repeat it.
  public static final int FAILED_AFTER_CHANGE = 2;

  /// The archive is there, without some source files that could not be read.
  public static final int UNREADABLE_FILES = 3;

  /// The service cannot be reached, or there is none.
  public static final int NO_SERVICE = 10;

  /// Somebody else is at work with the same keys or service.
  public static final int BUSY = 11;

  public static final int WRONG_PASSPHRASE = 12;

  /// As a shell reports SIGINT.
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
