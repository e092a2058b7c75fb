package org.holdfast.protocol;

import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;

/// What kind of failure an ERROR reports.
public enum ErrorCode {
  /// The state has moved on: ask for it and start again.
  CONFLICT(1),
  /// Not allowed or not possible.
  REFUSED(2),
  /// Retry later.
  UNAVAILABLE(3),
  /// Bytes make no sense, or what is stored is damaged.
  CORRUPT(4),
  /// The machine is not registered with this service.
  UNKNOWN_MACHINE(5),
  /// The right is not proven in this session, or its proof is wrong.
  NOT_PROVEN(6);

  private final int code;

  ErrorCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static ErrorCode of(int code) throws CorruptException {
    for (ErrorCode each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new CorruptException("no error code " + code);
  }

  static ErrorCode of(HoldfastException failure) {
    return switch (failure) {
      case ConflictException _ -> CONFLICT;
      case RefusedException _ -> REFUSED;
      case UnavailableException _ -> UNAVAILABLE;
      case CorruptException _ -> CORRUPT;
    };
  }

  /// The exception that says the same to a caller at the other end.
  static HoldfastException exception(Message.Failure failure, String peer) {
    String text = failure.text();
    return switch (failure.code()) {
      case CONFLICT -> new ConflictException(text);
      case REFUSED -> new RefusedException(text);
      case UNAVAILABLE -> new UnavailableException(text, failure.retryAfterMillis());
      case CORRUPT -> new CorruptException(text);
      case UNKNOWN_MACHINE ->
          new RefusedException(
              "the server "
                  + peer
                  + " does not know this machine ("
                  + text
                  + "): check that the key file belongs to this service, or register the machine"
                  + " with an invite");
      case NOT_PROVEN ->
          new RefusedException(
              "the server "
                  + peer
                  + " does not accept this right ("
                  + text
                  + "): use a key file that holds the right and has not been revoked");
    };
  }
}
