package org.holdfast.sim;

import java.io.IOException;

/// Runs histories; for its options see [Options] and `docs/simulation.md`.
public final class Main {
  private Main() {}

  /// Exit code 0: all promises were kept; 1: one was broken, and the seed is printed; 2: misuse.
  public static void main(String[] words) throws IOException {
    Options options;
    try {
      options = Options.of(words);
    } catch (IllegalArgumentException e) {
      System.err.println("holdfast-sim: " + e.getMessage());
      System.exit(2);
      return;
    }
    boolean isKept =
        options.shrink()
            ? new Shrinker(options.first(), System.out).run()
            : new Campaign(options).run();
    System.exit(isKept ? 0 : 1);
  }
}
