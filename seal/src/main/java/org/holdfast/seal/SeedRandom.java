package org.holdfast.seal;

import java.security.SecureRandom;
import org.holdfast.core.Invariant;

/// Hands out given bytes, once, to a key generator that can only be seeded this way.
///
/// FIPS 203 and 204 define how a seed becomes a key pair; the JDK takes the seed from its random
/// source. The test vectors pin that it takes nothing else from it. Not a source of randomness.
final class SeedRandom extends SecureRandom {
  private static final long serialVersionUID = 1;
  private final transient byte[] seed;
  private int used;

  SeedRandom(byte[] seed) {
    super(null, null);
    this.seed = seed;
  }

  @Override
  public void nextBytes(byte[] bytes) {
    Invariant.check(used + bytes.length <= seed.length, "a key generator asks for its seed only");
    System.arraycopy(seed, used, bytes, 0, bytes.length);
    used += bytes.length;
  }

  /// Stops the caller if the generator left a part of the seed unused.
  void checkUsedUp() {
    Invariant.check(used == seed.length, "a key generator uses all of its seed");
  }
}
