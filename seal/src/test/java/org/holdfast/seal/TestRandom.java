package org.holdfast.seal;

import java.security.SecureRandom;
import java.util.Random;

/// A random source that repeats: for tests only.
public final class TestRandom extends SecureRandom {
  private static final long serialVersionUID = 1;
  private final transient Random random;

  public TestRandom(long seed) {
    super(null, null);
    random = new Random(seed);
  }

  @Override
  public void nextBytes(byte[] bytes) {
    random.nextBytes(bytes);
  }
}
