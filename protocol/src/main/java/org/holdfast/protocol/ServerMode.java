package org.holdfast.protocol;

import org.holdfast.core.CorruptException;

/// Whether a server takes backups.
public enum ServerMode {
  ALL(0),
  /// Restores only: requests that change anything are refused for the time being.
  READ_ONLY(1),
  /// As [#READ_ONLY], and what it shows may be some seconds old: it follows another server's log.
  STANDBY(2),
  /// As [#READ_ONLY], of a server whose index is not whole yet: machines are served one after the
  /// other, and what it shows may be as old as its log's last digest.
  RECOVERING(3);

  private final int code;

  ServerMode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static ServerMode of(int code) throws CorruptException {
    return switch (code) {
      case 0 -> ALL;
      case 1 -> READ_ONLY;
      case 2 -> STANDBY;
      case 3 -> RECOVERING;
      default -> throw new CorruptException("no server mode " + code);
    };
  }
}
