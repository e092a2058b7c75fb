package org.holdfast.core;

/// Something is not there at the moment: retry after a delay.
public final class UnavailableException extends HoldfastException {
  private static final long serialVersionUID = 1;
  private final long retryAfterMillis;

  /// Without a hint when to retry.
  public UnavailableException(String message) {
    this(message, 0);
  }

  public UnavailableException(String message, long retryAfterMillis) {
    super(message);
    this.retryAfterMillis = retryAfterMillis;
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
    this.retryAfterMillis = 0;
  }

  /// Milliseconds to wait before a retry; 0 leaves it to the caller.
  public long retryAfterMillis() {
    return retryAfterMillis;
  }
}
