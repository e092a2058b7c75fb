package org.holdfast.seal.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Turns hashes into decisions: a pseudo-random function of each, compared with a threshold.
///
/// The function is the inverse cipher of AES-128 (FIPS 197), whose first four bytes count. The JDK
/// runs many blocks at once through CBC decryption on every processor with AES instructions, but
/// through ECB only on those with AVX-512 (8.5 against 2.7 GB/s on one without). CBC adds the block
/// before to each result, which is undone here.
///
/// For one thread at a time.
final class CutFunction {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BLOCK = RollingHash.LENGTH;

  /// Where the first hash goes. Before it is a block of zeros, as which CBC's first XOR counts.
  static final int FIRST = BLOCK;

  private final Cipher cipher;
  private final byte[] hashes;
  private final byte[] results;

  /// @param key of AES-128
  /// @param batch how many hashes are decided at once, at most
  CutFunction(byte[] key, int batch) {
    hashes = new byte[FIRST + batch * BLOCK];
    results = new byte[batch * BLOCK];
    try {
      cipher = Cipher.getInstance("AES/CBC/NoPadding");
      cipher.init(
          Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(new byte[BLOCK]));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK cannot do AES: use JDK 25", e);
    }
  }

  /// To be filled with hashes from [#FIRST] on.
  byte[] hashes() {
    return hashes;
  }

  /// The first of `count` hashes whose bits are below the threshold, or -1.
  int firstBelow(int count, int threshold) {
    try {
      // The end resets the cipher to its zero vector.
      cipher.doFinal(hashes, FIRST, count * BLOCK, results, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES does not take whole blocks", e);
    }
    int bound = threshold + Integer.MIN_VALUE;
    for (int i = 0; i < count; i++) {
      int bits = (int) INTS.get(results, i * BLOCK) ^ (int) INTS.get(hashes, i * BLOCK);
      if (bits + Integer.MIN_VALUE < bound) {
        return i;
      }
    }
    return -1;
  }
}
