package org.holdfast.core;

/// Not allowed, or not possible as asked. Repeating it changes nothing.
public final class RefusedException extends HoldfastException {
  private static final long serialVersionUID = 1;

  public RefusedException(String message) {
    super(message);
  }

  public RefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
