package org.holdfast.seal.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.holdfast.seal.Hkdf;

/// A universal hash of the last 64 bytes, that rolls.
///
/// H(c0 ... c63) is the sum of S(cj)·x^(63-j) over GF(2^128), where S is a secret table of 256
/// random elements. Two different windows collide with a probability of 2^-128 exactly, since the
/// difference of their hashes is a sum in which some S(c) has a factor that is not zero. This is
/// GENERAL of Lemire and Kaser, "Recursive n-gram hashing is pairwise independent, at best",
/// Computer Speech & Language 24(4), 2010; the proof for this case is in `docs/format-sealing.md`.
///
/// The field is that of polynomials over GF(2) modulo x^128 + x^7 + x^2 + x + 1. It needs no secret
/// of its own, so a step is a shift, a conditional XOR and two table look-ups that wait for
/// nothing: a fingerprint under a secret polynomial waits for a look-up at each byte, and was
/// slower for it.
///
/// Immutable.
final class RollingHash {
  /// Bytes that the hash covers.
  static final int WINDOW = 64;

  /// Bytes of a hash.
  static final int LENGTH = 16;

  private static final long REDUCTION = 0x87;
  private static final int SYMBOLS = 256;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final long[] inHigh = new long[SYMBOLS];
  private final long[] inLow = new long[SYMBOLS];
  private final long[] outHigh = new long[SYMBOLS];
  private final long[] outLow = new long[SYMBOLS];

  RollingHash(Bytes chunkingKey) {
    byte[] table =
        Hkdf.derive(chunkingKey.toArray(), new byte[0], "holdfast chunk table 1", SYMBOLS * LENGTH);
    ByteBuffer elements = ByteBuffer.wrap(table);
    for (int c = 0; c < SYMBOLS; c++) {
      long high = elements.getLong();
      long low = elements.getLong();
      inHigh[c] = high;
      inLow[c] = low;
      // What leaves has been multiplied by x once for each byte that came after it.
      for (int i = 0; i < WINDOW; i++) {
        long carry = high >> 63 & REDUCTION;
        high = high << 1 | low >>> 63;
        low = low << 1 ^ carry;
      }
      outHigh[c] = high;
      outLow[c] = low;
    }
  }

  /// Sets `state` (high, low) to the hash of the 64 bytes that end before `end`, and writes it.
  void start(byte[] data, int end, long[] state, byte[] hashes, int to) {
    long high = 0;
    long low = 0;
    for (int i = end - WINDOW; i < end; i++) {
      int in = data[i] & 0xff;
      long carry = high >> 63 & REDUCTION;
      high = (high << 1 | low >>> 63) ^ inHigh[in];
      low = low << 1 ^ carry ^ inLow[in];
    }
    state[0] = high;
    state[1] = low;
    LONGS.set(hashes, to, low);
    LONGS.set(hashes, to + 8, high);
  }

  /// Moves `state` on by `count` bytes from `from`, and writes the hash after each of them to
  /// `hashes`, 16 bytes little-endian each, from `to` on.
  void roll(byte[] data, int from, int count, byte[] hashes, int to, long[] state) {
    Invariant.check(
        count == 0 || (from >= WINDOW && from + count <= data.length), "a window within the data");
    long[] inHigh = this.inHigh;
    long[] inLow = this.inLow;
    long[] outHigh = this.outHigh;
    long[] outLow = this.outLow;
    long high = state[0];
    long low = state[1];
    for (int i = 0; i < count; i++) {
      int in = data[from + i] & 0xff;
      int out = data[from + i - WINDOW] & 0xff;
      long carry = high >> 63 & REDUCTION;
      high = (high << 1 | low >>> 63) ^ (inHigh[in] ^ outHigh[out]);
      low = (low << 1 ^ carry) ^ (inLow[in] ^ outLow[out]);
      LONGS.set(hashes, to + i * LENGTH, low);
      LONGS.set(hashes, to + i * LENGTH + 8, high);
    }
    state[0] = high;
    state[1] = low;
  }
}
