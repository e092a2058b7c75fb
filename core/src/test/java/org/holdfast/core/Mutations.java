package org.holdfast.core;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Seeds with a few changes of the kinds that parsers get wrong. One thread at a time.
final class Mutations {
  private static final int CHANGES_MAX = 4;

  /// Where lengths and counts turn over.
  private static final long[] EDGES = {
    0,
    1,
    -1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffff_ffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;
  private final List<byte[]> seeds;

  Mutations(Random random, List<byte[]> seeds) {
    this.random = random;
    this.seeds = seeds;
  }

  byte[] next() {
    byte[] bytes = seed().clone();
    for (int left = 1 + random.nextInt(CHANGES_MAX); left > 0; left--) {
      bytes = changed(bytes);
    }
    return bytes;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] changed(byte[] bytes) {
    int at = random.nextInt(bytes.length + 1);
    if (at == bytes.length) {
      return Arrays.copyOf(bytes, bytes.length + random.nextInt(8));
    }
    switch (random.nextInt(8)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt();
      case 3 -> edge(bytes, at);
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 5 -> {
        return joined(bytes, at, bytes, at + random.nextInt(bytes.length - at));
      }
      case 6 -> {
        return joined(bytes, at, bytes, random.nextInt(at + 1));
      }
      default -> {
        byte[] other = seed();
        return joined(bytes, at, other, random.nextInt(other.length + 1));
      }
    }
    return bytes;
  }

  private void edge(byte[] bytes, int at) {
    int width = Math.min(1 << random.nextInt(4), bytes.length - at);
    byte[] value =
        ByteBuffer.allocate(Long.BYTES).putLong(EDGES[random.nextInt(EDGES.length)]).array();
    System.arraycopy(value, Long.BYTES - width, bytes, at, width);
  }

  /// The first one up to `end`, then the second one from `from` on.
  private static byte[] joined(byte[] first, int end, byte[] second, int from) {
    byte[] joined = Arrays.copyOf(first, end + second.length - from);
    System.arraycopy(second, from, joined, end, second.length - from);
    return joined;
  }
}
