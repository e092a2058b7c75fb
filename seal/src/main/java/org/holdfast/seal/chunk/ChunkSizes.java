package org.holdfast.seal.chunk;

import org.holdfast.core.Invariant;

/// How long chunks are, in bytes.
///
/// Lengths from `min` on are geometric, up to `max`: each position is a boundary with a probability
/// of about 1 / (mean - min).
///
/// @param min no chunk but an input's last is shorter; at least a window
/// @param mean of lengths, before what `max` cuts off; see [#expectedBytes]
/// @param max no chunk is longer
public record ChunkSizes(int min, int mean, int max) {
  /// Half of what is read is skipped, as no boundary can be there; the rest is the price of a PRF
  /// at every position.
  public static final ChunkSizes DEFAULT = new ChunkSizes(512 << 10, 1 << 20, 4 << 20);

  public ChunkSizes {
    Invariant.check(min >= CutFunction.WINDOW, "a chunk is no shorter than the window");
    Invariant.check(mean > min + 1 && mean <= max, "a chunk's mean length is within its bounds");
    Invariant.check(max <= 8 << 20, "a chunk has at most 8 MiB");
  }

  /// A position is a boundary if its 32 pseudo-random bits, unsigned, are below this.
  int threshold() {
    return (int) ((1L << 32) / (mean - min));
  }

  /// The probability that a position is a boundary.
  double probability() {
    return Integer.toUnsignedLong(threshold()) * 0x1p-32;
  }

  /// The mean length of chunks of unlimited random input.
  public double expectedBytes() {
    return min - Math.expm1((max - min) * Math.log1p(-probability())) / probability();
  }
}
