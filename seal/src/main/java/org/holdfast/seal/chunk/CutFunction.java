package org.holdfast.seal.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.Invariant;

/// Decides at which places of an input a chunk may end: a pseudo-random function of the 32 bytes
/// before, compared with a threshold.
///
/// The function is CBC-MAC over two blocks, the later one first, with the inverse cipher of AES-128
/// (FIPS 197) as its permutation P: P(P(b) ^ a) for a window a ‖ b, whose first four bytes count.
/// The JDK runs many blocks at once through CBC decryption on every processor with AES
/// instructions, but through ECB only on those with AVX-512. CBC decryption of an input is P(b) ^ a
/// for each of its blocks b and the block a before; done once more, what CBC adds is taken away
/// again.
///
/// For one thread at a time.
final class CutFunction {
  /// Bytes that a decision depends on.
  static final int WINDOW = 32;

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = 16;

  private final Cipher cipher;

  /// The first round's results: of what precedes an alignment's first window, then one for each.
  private final byte[] inner;

  /// The second round's, one for each window.
  private final byte[] outer;

  /// @param key of AES-128
  /// @param batch how many places are decided at once, at most
  CutFunction(byte[] key, int batch) {
    int blocks = (batch + BLOCK - 1) / BLOCK;
    inner = new byte[(1 + blocks) * BLOCK];
    outer = new byte[blocks * BLOCK];
    try {
      cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[BLOCK]));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot do AES: use JDK 25", e);
    }
  }

  /// The first of `count` places from `at` on whose bits, unsigned, are below the threshold,
  /// counted from `at`, or -1. A place is where the byte before it is the last of its window.
  int firstBelow(byte[] data, int at, int count, int threshold) {
    Invariant.check(at >= WINDOW && at + count - 1 <= data.length, "windows within the data");
    int first = count;
    for (int alignment = 0; alignment < BLOCK && alignment < first; alignment++) {
      int blocks = (first - alignment + BLOCK - 1) / BLOCK;
      decide(data, at + alignment - WINDOW, blocks);
      int found = firstBelow(blocks, threshold);
      if (found >= 0) {
        first = alignment + BLOCK * found;
      }
    }
    return first == count ? -1 : first;
  }

  /// The windows that begin at `from`, and each block after it.
  private void decide(byte[] data, int from, int blocks) {
    try {
      // The end of each resets the cipher to its vector of zeros.
      cipher.doFinal(data, from, (1 + blocks) * BLOCK, inner, 0);
      cipher.doFinal(inner, BLOCK, blocks * BLOCK, outer, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES does not take whole blocks", e);
    }
  }

  /// The number of the first block whose bits are below the threshold, or -1.
  private int firstBelow(int blocks, int threshold) {
    byte[] results = outer;
    byte[] added = inner;
    if (Integer.compareUnsigned((int) INTS.get(results, 0), threshold) < 0) {
      return 0;
    }
    // CBC has added the block before, which is that of the same place in the first round's results.
    for (int at = BLOCK; at < blocks * BLOCK; at += BLOCK) {
      int bits = (int) INTS.get(results, at) ^ (int) INTS.get(added, at);
      if (Integer.compareUnsigned(bits, threshold) < 0) {
        return at / BLOCK;
      }
    }
    return -1;
  }
}
