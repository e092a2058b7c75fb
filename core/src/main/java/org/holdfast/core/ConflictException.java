package org.holdfast.core;

/// The state has moved on since the caller looked: look again.
public final class ConflictException extends HoldfastException {
  private static final long serialVersionUID = 1;

  public ConflictException(String message) {
    super(message);
  }

  public ConflictException(String message, Throwable cause) {
    super(message, cause);
  }
}
