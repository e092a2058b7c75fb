package org.holdfast.sim;

import java.io.IOException;
import picocli.CommandLine;

/// Runs histories; for its options see [Options] and `docs/simulation.md`.
public final class Main {
  private Main() {}

  /// Exit code 0: all promises were kept; 1: one was broken, and the seed is printed; 2: misuse.
  public static void main(String[] words) throws IOException {
    Options options;
    try {
      options = Options.of(words);
    } catch (CommandLine.ParameterException e) {
      System.err.println("holdfast-sim: " + e.getMessage() + "; see `./holdfast-sim --help`");
      System.exit(2);
      return;
    }
    if (options.wantsHelp()) {
      CommandLine.usage(options, System.out);
      return;
    }
    boolean isKept =
        options.isShrunk()
            ? new Shrinker(options.first(), System.out).run()
            : new Campaign(options).run();
    System.exit(isKept ? 0 : 1);
  }
}
