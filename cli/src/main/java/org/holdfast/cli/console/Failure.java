package org.holdfast.cli.console;

import org.jspecify.annotations.Nullable;

/// A failure that knows its exit code. Its message is one line for a person.
public final class Failure extends Exception {
  private static final long serialVersionUID = 1;
  private final int exitCode;

  public Failure(int exitCode, String message) {
    this(exitCode, message, null);
  }

  public Failure(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }

  /// Never null.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
