package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/// Blocks of zero bytes: what a file that was made longer reads as. Their checksums are right, so
/// that whoever reads the blocks finds them whole.
final class Zeros {
  /// No block is longer: what a client may send.
  static final int LENGTH_MAX = 16 << 20;

  private final ByteBuffer zeros = ByteBuffer.allocate(LENGTH_MAX).asReadOnlyBuffer();

  /// There are few lengths, as they are padded.
  private final Map<Integer, Integer> checksums = new HashMap<>();

  ByteBuffer block(int length) {
    return zeros.slice(0, length);
  }

  int checksum(int length) {
    return checksums.computeIfAbsent(
        length,
        _ -> {
          CRC32C crc = new CRC32C();
          crc.update(zeros.slice(0, length));
          return (int) crc.getValue();
        });
  }
}
