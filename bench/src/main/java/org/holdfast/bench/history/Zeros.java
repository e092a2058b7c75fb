package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// Blocks of zero bytes: what a file that was made longer reads as. Their checksums are right, so
/// that whoever reads the blocks finds them whole.
final class Zeros {
  /// No block is longer: what a client may send.
  static final int LENGTH_MAX = 16 << 20;

  private static final int KNOWN = 1 << 14;
  private static final int PLACE_SHIFT = 32 - 14;

  /// An odd number near the golden ratio of 2^32, which spreads neighbours.
  private static final int SPREAD = 0x9e3779b1;

  private final ByteBuffer zeros = ByteBuffer.allocate(LENGTH_MAX).asReadOnlyBuffer();

  /// Lengths that were asked for last, each in one place, and their checksums. There are few, as
  /// lengths are padded.
  private final int[] lengths = new int[KNOWN];

  private final int[] checksums = new int[KNOWN];

  ByteBuffer block(int length) {
    return zeros.slice(0, length);
  }

  int checksum(int length) {
    int place = (length * SPREAD) >>> PLACE_SHIFT;
    if (lengths[place] != length) {
      CRC32C crc = new CRC32C();
      crc.update(zeros.slice(0, length));
      lengths[place] = length;
      checksums[place] = (int) crc.getValue();
    }
    return checksums[place];
  }
}
