package org.holdfast.core;

/// What a block is for. The server keeps the classes apart but opens none of them.
public enum BlockClass {
  /// A piece of file content.
  CHUNK(1),
  /// A piece of an archive's list of entries.
  PAGE(2),
  /// An archive's head.
  ROOT(3),
  /// The sealed keys of one backup run.
  RUN(4);

  private final int code;

  BlockClass(int code) {
    this.code = code;
  }

  /// The byte that stands for this class in every format.
  public int code() {
    return code;
  }

  /// Throws [CorruptException] for a byte that stands for no class.
  public static BlockClass of(int code) throws CorruptException {
    for (BlockClass each : values()) {
      if (each.code == code) {
        return each;
      }
    }
    throw new CorruptException("no block class " + code);
  }
}
