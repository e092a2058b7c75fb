package org.holdfast.sim;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/// Random in name only: all of it follows from a seed, so that a run can be repeated.
final class SimRandom extends SecureRandom {
  private static final long serialVersionUID = 1;

  private final transient SplittableRandom source;

  SimRandom(SplittableRandom source) {
    super(null, null);
    this.source = source;
  }

  @Override
  public void nextBytes(byte[] bytes) {
    source.nextBytes(bytes);
  }

  @Override
  public String getAlgorithm() {
    return "simulated";
  }
}
