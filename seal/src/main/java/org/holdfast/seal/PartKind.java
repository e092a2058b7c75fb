package org.holdfast.seal;

import org.holdfast.core.CorruptException;

/// What a part holds, and so whose key seals it.
enum PartKind {
  /// Which blocks a page or root needs: under the reference key.
  REFERENCES(1),
  /// Everything else: under the content key.
  CONTENT(2);

  private final int code;

  PartKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static PartKind of(int code) throws CorruptException {
    for (PartKind each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new CorruptException("no part kind " + code);
  }
}
