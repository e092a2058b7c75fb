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
}
