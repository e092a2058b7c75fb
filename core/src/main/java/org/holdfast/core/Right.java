package org.holdfast.core;

/// What a credential allows. Each right has a key pair of its own.
public enum Right {
  /// Store blocks and commit archives.
  WRITE(1),
  /// List and fetch blocks.
  READ(2),
  /// Delete archives, open references but no content.
  TIDY(3),
  /// Delete everything.
  NUKE(4);

  private final int code;

  Right(int code) {
    this.code = code;
  }

  /// The byte that stands for this right in every format.
  public int code() {
    return code;
  }

  /// Throws [CorruptException] for a byte that stands for no right.
  public static Right of(int code) throws CorruptException {
    for (Right each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new CorruptException("no right " + code);
  }
}
