package org.holdfast.core;

/// A failure that the program foresees. Which subclass it is says what the caller must do.
///
/// The message is one line for a person: what happened, to what, and what to do next.
public abstract sealed class HoldfastException extends Exception
    permits ConflictException, CorruptException, RefusedException, UnavailableException {
  private static final long serialVersionUID = 1;

  HoldfastException(String message) {
    super(message);
  }

  HoldfastException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Never null, unlike other exceptions' messages.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
