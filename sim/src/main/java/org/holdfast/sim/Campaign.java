package org.holdfast.sim;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/// Many runs, one after the other or in several processes, and what is printed about them.
final class Campaign {
  /// So far apart are the seeds with which processes begin.
  private static final long STRIDE = 1_000_000_000_000L;

  private final Options options;

  Campaign(Options options) {
    this.options = options;
  }

  /// Whether every promise was kept.
  boolean run() throws IOException {
    System.out.printf("from ./holdfast-sim %s, commit %s%n", options.first(), commit());
    Total total = options.processes() == 1 ? runHere() : runBeside();
    System.out.println(total);
    if (total.histories() > 1) {
      System.out.println(total.rates());
    }
    return total.failures() == 0;
  }

  private Total runHere() {
    long begin = System.nanoTime();
    long end = begin + options.seconds() * 1_000_000_000L;
    Total total = Total.NONE;
    while (total.histories() < options.count()
        && (options.seconds() == 0 || System.nanoTime() < end)
        && (total.failures() == 0 || options.keepsGoing())) {
      Scenario next = options.first().withSeed(options.first().seed() + total.histories());
      History.Outcome outcome = History.run(next, options.isTraced() ? System.out : null);
      total = total.with(outcome);
      if (options.count() == 1) {
        describe(outcome);
      }
      @Nullable Violation broken = outcome.violation();
      if (broken != null) {
        tell(next, broken);
      }
    }
    return total.after((System.nanoTime() - begin) / 1e9, processorSeconds());
  }

  private static double processorSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }

  private static void describe(History.Outcome outcome) {
    System.out.printf(
        "seed %d, %s: trace %016x, %d steps, %.2f h, %d archives, %d faults%n",
        outcome.scenario().seed(),
        outcome.scenario().drawn(),
        outcome.hash(),
        outcome.steps(),
        outcome.nanos() / 3.6e12,
        outcome.archives(),
        outcome.faults().size());
  }

  private static void tell(Scenario scenario, Violation broken) {
    System.out.printf("seed %d breaks a promise: %s%n", scenario.seed(), broken.getMessage());
    broken.printStackTrace(System.out);
    System.out.printf(
        "commit %s%nagain: ./holdfast-sim %s --trace%nless:  ./holdfast-sim %s --shrink%n",
        commit(), scenario, scenario);
  }

  /// What was built; the build writes it down.
  static String commit() {
    try (InputStream in = Campaign.class.getResourceAsStream("build.properties")) {
      Properties build = new Properties();
      if (in != null) {
        build.load(in);
      }
      String commit = build.getProperty("commit", "");
      return commit.isBlank() || commit.startsWith("$") ? "unknown" : commit;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Total runBeside() throws IOException {
    List<Process> all = new ArrayList<>();
    try {
      for (int i = 0; i < options.processes(); i++) {
        all.add(new ProcessBuilder(command(i)).redirectErrorStream(true).start());
      }
      Total total = Total.NONE;
      for (Process each : all) {
        total = total.beside(follow(each));
      }
      return total;
    } finally {
      all.forEach(Process::destroy);
    }
  }

  /// Hands on what a process prints, and answers its total. One that ends without has failed.
  private static Total follow(Process process) throws IOException {
    Total total = Total.NONE.with(NO_TOTAL);
    try (BufferedReader lines =
        new BufferedReader(
            new java.io.InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Total read = Total.of(line);
        total = read == null ? total : read;
        System.out.println(line);
      }
    }
    return total;
  }

  private static final History.Outcome NO_TOTAL =
      new History.Outcome(
          Scenario.of(0), new Violation("a process has ended early"), 0, 0, 0, 0, List.of());

  private List<String> command(int number) {
    List<String> words = new ArrayList<>();
    words.add(ProcessHandle.current().info().command().orElse("java"));
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Scenario first = options.first().withSeed(options.first().seed() + number * STRIDE);
    words.addAll(List.of(first.toString().split(" ")));
    long share = options.count() == Long.MAX_VALUE ? options.count() : share(number);
    words.addAll(List.of("--count", Long.toString(share)));
    words.addAll(List.of("--seconds", Long.toString(options.seconds())));
    if (options.keepsGoing()) {
      words.add("--keep-going");
    }
    return words;
  }

  private long share(int number) {
    long rest = options.count() % options.processes();
    return options.count() / options.processes() + (number < rest ? 1 : 0);
  }
}
