package org.holdfast.seal.chunk;

import java.math.BigInteger;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Bytes;
import org.holdfast.seal.Hkdf;

/// The chunking scheme as `docs/format-sealing.md` says it, one position at a time.
final class SlowChunker {
  private static final BigInteger POLYNOMIAL =
      BigInteger.ONE.shiftLeft(128).or(BigInteger.valueOf(0x87));

  private final ChunkSizes sizes;
  private final BigInteger[] table = new BigInteger[256];
  private final Cipher aes;

  SlowChunker(Bytes key, ChunkSizes sizes) throws Exception {
    this.sizes = sizes;
    byte[] bytes = Hkdf.derive(key.toArray(), new byte[0], "holdfast chunk table 1", 4096);
    for (int c = 0; c < 256; c++) {
      table[c] = new BigInteger(1, Arrays.copyOfRange(bytes, 16 * c, 16 * c + 16));
    }
    byte[] cut = Hkdf.derive(key.toArray(), new byte[0], "holdfast chunk cut 1", 16);
    aes = Cipher.getInstance("AES/ECB/NoPadding");
    aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(cut, "AES"));
  }

  int next(byte[] data, int from, int to) throws Exception {
    long threshold = (1L << 32) / (sizes.mean() - sizes.min());
    for (int end = from + sizes.min(); end < Math.min(to, from + sizes.max()); end++) {
      if (bits(data, end) < threshold) {
        return end;
      }
    }
    return Math.min(to, from + sizes.max());
  }

  private long bits(byte[] data, int end) throws Exception {
    byte[] big = hash(data, end).toByteArray();
    byte[] little = new byte[16];
    for (int i = 0; i < Math.min(16, big.length); i++) {
      little[i] = big[big.length - 1 - i];
    }
    byte[] out = aes.doFinal(little);
    return out[0] & 0xff | (out[1] & 0xff) << 8 | (out[2] & 0xff) << 16 | (out[3] & 0xffL) << 24;
  }

  BigInteger hash(byte[] data, int end) {
    BigInteger sum = BigInteger.ZERO;
    for (int j = 0; j < 64; j++) {
      sum = sum.xor(table[data[end - 64 + j] & 0xff].shiftLeft(63 - j));
    }
    for (int bit = sum.bitLength() - 1; bit >= 128; bit--) {
      if (sum.testBit(bit)) {
        sum = sum.xor(POLYNOMIAL.shiftLeft(bit - 128));
      }
    }
    return sum;
  }
}
