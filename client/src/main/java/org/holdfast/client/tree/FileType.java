package org.holdfast.client.tree;

/// What an entry is, as the upper four bits of its mode say.
public enum FileType {
  REGULAR(0x8),
  FOLDER(0x4),
  SYMLINK(0xa),
  FIFO(0x1),
  CHAR_DEVICE(0x2),
  BLOCK_DEVICE(0x6),
  SOCKET(0xc);

  private static final int SHIFT = 12;

  private final int format;

  FileType(int format) {
    this.format = format;
  }

  /// The bits of `S_IFMT` that stand for this type in a mode.
  int modeBits() {
    return format << SHIFT;
  }

  /// Whether the entry is a device with a number.
  public boolean isDevice() {
    return this == CHAR_DEVICE || this == BLOCK_DEVICE;
  }

  /// The type in a full mode. What Linux does not know counts as a socket: it has no content
  /// either.
  static FileType ofMode(int fullMode) {
    return switch (fullMode >>> SHIFT & 0xf) {
      case 0x8 -> REGULAR;
      case 0x4 -> FOLDER;
      case 0xa -> SYMLINK;
      case 0x1 -> FIFO;
      case 0x2 -> CHAR_DEVICE;
      case 0x6 -> BLOCK_DEVICE;
      default -> SOCKET;
    };
  }
}
