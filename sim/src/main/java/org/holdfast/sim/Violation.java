package org.holdfast.sim;

/// A promise was broken.
final class Violation extends Exception {
  private static final long serialVersionUID = 1;

  Violation(String message) {
    super(message);
  }

  Violation(String message, Throwable cause) {
    super(message + ": " + cause, cause);
  }

  /// What is the same in two runs that break the same promise: neither numbers nor names.
  String kind() {
    return String.valueOf(getMessage()).split(": ", 2)[0].replaceAll("\\S*\\d\\S*", "#");
  }
}
