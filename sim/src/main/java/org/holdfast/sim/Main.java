package org.holdfast.sim;

import java.util.Locale;

/// Runs histories: `holdfast-sim [--seed N] [--count N] [--seconds N] [--trace]`.
public final class Main {
  private Main() {}

  /// Exit code 0: all promises were kept; 1: one was broken, and the seed is printed; 2: misuse.
  public static void main(String[] words) {
    Options options;
    try {
      options = Options.of(words);
    } catch (IllegalArgumentException e) {
      System.err.println("holdfast-sim: " + e.getMessage());
      System.exit(2);
      return;
    }
    System.exit(run(options) ? 0 : 1);
  }

  private static boolean run(Options options) {
    long begin = System.nanoTime();
    long end = begin + options.seconds() * 1_000_000_000L;
    long runs = 0;
    double hours = 0;
    long archives = 0;
    for (long seed = options.seed(); runs < options.count(); seed++) {
      if (options.seconds() > 0 && System.nanoTime() > end) {
        break;
      }
      History.Outcome outcome = History.run(Scenario.of(seed), options.trace() ? System.out : null);
      runs++;
      hours += outcome.nanos() / 3.6e12;
      archives += outcome.archives();
      if (options.count() == 1) {
        System.out.printf(
            "seed %d: trace %016x, %d steps, %.2f h, %d archives, %d faults%n",
            seed,
            outcome.hash(),
            outcome.steps(),
            outcome.nanos() / 3.6e12,
            outcome.archives(),
            outcome.faults().size());
      }
      if (outcome.violation() != null) {
        System.out.printf("seed %d breaks a promise: %s%n", seed, outcome.violation().getMessage());
        outcome.violation().printStackTrace(System.out);
        System.out.printf("again: ./holdfast-sim --seed %d --trace%n", seed);
        return false;
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d histories from seed %d, %.0f simulated hours, %d archives acknowledged, in %.0f s: "
            + "%.1f histories a second; every promise was kept%n",
        runs,
        options.seed(),
        hours,
        archives,
        seconds,
        runs / seconds);
    return true;
  }
}
