package org.holdfast.sim;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Many runs, one after the other or in several processes, and what is printed about them.
final class Campaign {
  /// So far apart are the seeds with which processes begin.
  private static final long STRIDE = 1_000_000_000_000L;

  /// Of a process that ends without a total: it has failed.
  private static final Total ENDED_EARLY = new Total(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /// So long a process that is told to end may take to say what it has done.
  private static final long LAST_WORDS_SECONDS = 10;

  private final Options options;
  private final List<Child> children = new CopyOnWriteArrayList<>();
  private final CountDownLatch told = new CountDownLatch(1);
  private volatile boolean isEnding;

  Campaign(Options options) {
    this.options = options;
  }

  /// Whether every promise was kept.
  boolean run() throws IOException {
    System.out.printf("from ./holdfast-sim %s, commit %s%n", options.first(), commit());
    Runtime.getRuntime().addShutdownHook(new Thread(this::endEarly));
    Total total = options.processes() == 1 ? runHere() : runBeside();
    System.out.println(total);
    if (total.histories() > 1) {
      System.out.println(total.rates());
    }
    told.countDown();
    return total.failures() == 0;
  }

  /// Ctrl-C, or the end of this process from whatever else: what was done so far is told.
  private void endEarly() {
    endAll();
    try {
      var _ = told.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void endAll() {
    isEnding = true;
    children.forEach(Child::end);
  }

  private Total runHere() {
    long begin = System.nanoTime();
    long end = begin + options.seconds() * 1_000_000_000L;
    Total total = Total.NONE;
    while (!isEnding
        && total.histories() < options.count()
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
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
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

  /// The first that fails ends the others, unless all are to keep going.
  private Total runBeside() throws IOException {
    try {
      LinkedBlockingQueue<Child> ended = new LinkedBlockingQueue<>();
      for (int i = 0; i < options.processes() && !isEnding; i++) {
        children.add(Child.start(command(i), ended));
      }
      Total total = Total.NONE;
      for (int i = 0; i < children.size(); i++) {
        total = total.beside(ended.take().total);
        if (total.failures() > 0 && !options.keepsGoing()) {
          endAll();
        }
      }
      return total;
    } catch (InterruptedException e) {
      throw new IOException("interrupted while other processes run", e);
    } finally {
      endAll();
    }
  }

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

  /// Another process, and a thread that hands on what it prints as it comes.
  private static final class Child {
    private final Process process;
    private volatile boolean isTold;
    private volatile Total total = ENDED_EARLY;

    private Child(Process process) {
      this.process = process;
    }

    /// `ended` gets it when it has ended.
    static Child start(List<String> command, Queue<Child> ended) throws IOException {
      Child child = new Child(new ProcessBuilder(command).redirectErrorStream(true).start());
      Thread.ofPlatform()
          .daemon()
          .name("follower")
          .start(() -> {
            child.follow();
            ended.add(child);
          });
      return child;
    }

    /// As SIGTERM does; unlike [Process#destroy], it leaves open what it still prints.
    void end() {
      isTold = true;
      var _ = process.toHandle().destroy();
    }

    private void follow() {
      @Nullable Total last = null;
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Total read = Total.of(line);
          last = read == null ? last : read;
          System.out.println(line);
        }
      } catch (IOException e) {
        System.out.println("a process cannot be followed: " + e);
      }
      if (last == null) {
        System.out.println("a process has ended early");
      }
      total = last != null ? last : isTold ? Total.NONE : ENDED_EARLY;
    }
  }
}
