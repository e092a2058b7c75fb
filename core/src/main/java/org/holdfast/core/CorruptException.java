package org.holdfast.core;

/// Bytes are not what was written, or not what they claim to be. Never retry.
public final class CorruptException extends HoldfastException {
  private static final long serialVersionUID = 1;

  public CorruptException(String message) {
    super(message);
  }

  public CorruptException(String message, Throwable cause) {
    super(message, cause);
  }
}
