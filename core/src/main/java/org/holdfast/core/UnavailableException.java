package org.holdfast.core;

/// Something is not there at the moment: retry after a delay.
public final class UnavailableException extends HoldfastException {
  private static final long serialVersionUID = 1;

  /// What kind of trouble it was, as far as it is known.
  public enum Trouble {
    /// The other side asked for fewer requests.
    THROTTLED,
    /// It took too long.
    TIMED_OUT,
    /// No connection, or it broke.
    DISCONNECTED,
    /// The other side says that it failed.
    FAILED,
    /// Anything else.
    OTHER
  }

  private final long retryAfterMillis;
  private final Trouble trouble;

  /// Without a hint when to retry.
  public UnavailableException(String message) {
    this(message, 0);
  }

  public UnavailableException(String message, long retryAfterMillis) {
    super(message);
    this.retryAfterMillis = retryAfterMillis;
    this.trouble = Trouble.OTHER;
  }

  public UnavailableException(String message, Throwable cause) {
    this(message, Trouble.OTHER, cause);
  }

  public UnavailableException(String message, Trouble trouble, Throwable cause) {
    super(message, cause);
    this.retryAfterMillis = 0;
    this.trouble = trouble;
  }

  /// Milliseconds to wait before a retry; 0 leaves it to the caller.
  public long retryAfterMillis() {
    return retryAfterMillis;
  }

  public Trouble trouble() {
    return trouble;
  }
}
