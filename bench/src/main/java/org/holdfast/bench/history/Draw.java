package org.holdfast.bench.history;

import java.security.SecureRandom;
import java.util.SplittableRandom;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;

/// Chance that follows from a seed. Random in name only; not thread-safe.
final class Draw extends SecureRandom {
  private static final long serialVersionUID = 1;

  /// A chunk is at most so many times as long as the mean, as the chunker has it.
  private static final int LONGEST = 4;

  private final transient SplittableRandom source;

  Draw(long seed) {
    super(null, null);
    source = new SplittableRandom(seed);
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.nextBytes(bytes);
  }

  @Override
  public String getAlgorithm() {
    return "seeded";
  }

  Bytes bytes(int length) {
    byte[] bytes = new byte[length];
    source.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  BlockName name() {
    return new BlockName(bytes(BlockName.LENGTH));
  }

  /// From 0, below `bound`.
  int below(int bound) {
    return source.nextInt(bound);
  }

  /// So often in a hundred times.
  boolean percent(int percent) {
    return source.nextInt(100) < percent;
  }

  /// At least 1, with this mean, and without memory: many are short, some are long.
  long count(double mean) {
    return 1 + (long) (-Math.log(1 - source.nextDouble()) * Math.max(mean - 1, 0));
  }

  /// The length of a sealed block, padded as blocks are (`docs/format-sealing.md`, "Padding").
  int blockLength(int mean, int most) {
    long drawn = mean / 2 + (long) (-Math.log(1 - source.nextDouble()) * mean / 2);
    return padded((int) Math.min(Math.max(drawn, 64), Math.min((long) mean * LONGEST, most)));
  }

  private static int padded(int length) {
    int exponent = 31 - Integer.numberOfLeadingZeros(length);
    int mantissaBits = 32 - Integer.numberOfLeadingZeros(exponent);
    int mask = (1 << (exponent - mantissaBits)) - 1;
    return (length + mask) & ~mask;
  }
}
