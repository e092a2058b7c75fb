package org.holdfast.sim;

import java.util.SplittableRandom;

/// All that is drawn in a run, by names: whoever draws has a stream of their own, so that one who
/// draws more or less than before shifts nobody else's luck.
///
/// Mixing is that of SplitMix64.
record Chance(long seed) {
  SplittableRandom stream(String name) {
    return new SplittableRandom(bits(name, 0));
  }

  /// Between 0 and 1, of the nth occasion of a name.
  double share(String name, long nth) {
    return (bits(name, nth) >>> 11) * 0x1.0p-53;
  }

  private long bits(String name, long nth) {
    return mix(mix(seed, name.hashCode()), nth);
  }

  static long mix(long state, long word) {
    long z = (state ^ word) + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
