package org.holdfast.protocol;

import org.holdfast.core.CorruptException;

/// What a transaction does.
public enum TransactionKind {
  WRITE(1),
  DELETE(2);

  private final int code;

  TransactionKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static TransactionKind of(int code) throws CorruptException {
    return switch (code) {
      case 1 -> WRITE;
      case 2 -> DELETE;
      default -> throw new CorruptException("no kind of transaction " + code);
    };
  }
}
