package org.holdfast.seal;

import org.holdfast.core.BlockClass;

/// How large things get, at most. Checked where they are made and where they are read.
public final class Limits {
  /// A sealed block.
  public static final int BLOCK_BYTES_MAX = 16 << 20;

  /// A chunk's content before sealing.
  public static final int CHUNK_BYTES_MAX = 8 << 20;

  /// A page's or root's references, or content, before sealing.
  public static final int PART_BYTES_MAX = 16 << 20;

  private Limits() {}

  static int rawMax(BlockClass blockClass) {
    return blockClass == BlockClass.CHUNK ? CHUNK_BYTES_MAX : PART_BYTES_MAX;
  }
}
