package org.holdfast.seal.chunk;

import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Bytes;
import org.holdfast.seal.Hkdf;

/// The chunking scheme as `docs/format-sealing.md` says it, one position at a time.
final class SlowChunker {
  private final ChunkSizes sizes;
  private final Cipher aes;

  SlowChunker(Bytes key, ChunkSizes sizes) throws Exception {
    this.sizes = sizes;
    byte[] cut = Hkdf.derive(key.toArray(), new byte[0], "holdfast chunk cut 2", 16);
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

  long bits(byte[] data, int end) throws Exception {
    byte[] early = Arrays.copyOfRange(data, end - 32, end - 16);
    byte[] late = Arrays.copyOfRange(data, end - 16, end);
    byte[] between = aes.doFinal(late);
    for (int i = 0; i < 16; i++) {
      between[i] ^= early[i];
    }
    byte[] out = aes.doFinal(between);
    return out[0] & 0xff | (out[1] & 0xff) << 8 | (out[2] & 0xff) << 16 | (out[3] & 0xffL) << 24;
  }
}
