package org.holdfast.seal;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Makes a part's plaintext: compressed where that helps, and padded.
///
/// ```
/// 0  1   compression: 0 none, 1 zstd
/// 1  4   raw length
/// 5  4   payload length
/// 9  ..  payload, then zero bytes up to the padded length
/// ```
///
/// For one thread at a time; keep and reuse. Holds memory outside the heap until it is closed.
final class Packer implements AutoCloseable {
  static final int PREFIX = 9;
  static final int RAW = 0;
  static final int ZSTD = 1;

  /// Bytes of a part that are not plaintext.
  static final int AROUND = PartHeader.LENGTH + Gcm.TAG_LENGTH;

  // Compression that saves less is not worth decompressing, and padding would eat it.
  private static final int LEAST_SAVING_SHIFT = 6;

  /// The level at which nothing is compressed.
  static final int NO_LEVEL = 0;

  private final int level;
  private final ZstdCompressCtx zstd = new ZstdCompressCtx();
  private byte[] plain = new byte[0];

  Packer(int level) {
    this.level = level;
    zstd.setLevel(level);
  }

  /// Returns the plaintext's length; [#plain] holds it until the next call.
  int pack(byte[] data, int from, int to) {
    int raw = to - from;
    reserve(Math.max(Padme.pad(AROUND + PREFIX + raw), PREFIX + (int) Zstd.compressBound(raw)));
    int payload = compress(data, from, raw);
    int compression = ZSTD;
    if (payload > raw - Math.max(1, raw >> LEAST_SAVING_SHIFT)) {
      System.arraycopy(data, from, plain, PREFIX, raw);
      payload = raw;
      compression = RAW;
    }
    ByteBuffer.wrap(plain).put((byte) compression).putInt(raw).putInt(payload);
    int length = Padme.pad(AROUND + PREFIX + payload) - AROUND;
    Arrays.fill(plain, PREFIX + payload, length, (byte) 0);
    return length;
  }

  byte[] plain() {
    return plain;
  }

  private int compress(byte[] data, int from, int raw) {
    if (level == NO_LEVEL) {
      return raw;
    }
    try {
      return zstd.compressByteArray(plain, PREFIX, plain.length - PREFIX, data, from, raw);
    } catch (ZstdException e) {
      throw new IllegalStateException("zstd cannot compress " + raw + " bytes", e);
    }
  }

  private void reserve(int length) {
    if (plain.length < length) {
      plain = new byte[length];
    }
  }

  @Override
  public void close() {
    zstd.close();
  }
}
