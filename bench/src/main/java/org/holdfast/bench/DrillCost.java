package org.holdfast.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.holdfast.bench.DrillLoad.Window;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Measures what clients lose by a drill in the background: windows with it and without it take
/// turns, so that whatever else the machine does falls on both.
@CommandLine.Command(
    name = "bench/drill",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Measures what a drill inside a server costs clients: a server with a log that",
      "`bench/history` makes, clients in another process that restore and back up over",
      "TLS without a pause, or with one, windows with the drill and without it in",
      "turns. Says how the two compare, pair by pair. Exit code 1 if clients lose more",
      "than a tenth at the median.",
      "",
      "The server's clock skips the days between two drills. WORK holds the log and is",
      "emptied at the beginning."
    },
    footer = {
      "",
      "Examples:",
      "  bench/drill /var/tmp/drill",
      "  bench/drill /var/tmp/drill --rounds 20 --seconds 15 --docs docs/benchmarks.md"
    })
public final class DrillCost implements Callable<Integer> {
  /// Clients may lose so much, as a ratio.
  private static final double LOST_MAX = 0.1;

  private static final long POLL_MILLIS = 100;
  private static final long LOOK_MILLIS = 500;
  private static final long DAY_MILLIS = 25L * 3_600_000;
  private static final int START_POLLS = 600;
  private static final int SKIP_POLLS = 10;

  private static final List<Figure> FIGURES =
      List.of(
          new Figure("restores a second", true, window -> window.restores().aSecond()),
          new Figure("a restore, median, ms", false, window -> window.restores().median()),
          new Figure("a restore, 95 of 100, ms", false, window -> window.restores().late()),
          new Figure("backups a second", true, window -> window.backups().aSecond()),
          new Figure("a backup, median, ms", false, window -> window.backups().median()),
          new Figure("a backup, 95 of 100, ms", false, window -> window.backups().late()));

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; it is emptied.")
  private Path work = Path.of(".");

  @Option(names = "--records", paramLabel = "N", description = "In the log (500000).")
  private long records = 500_000;

  @Option(
      names = "--block-length",
      paramLabel = "BYTES",
      description = "Of a chunk, in the mean (524288).")
  private int blockLength = 512 << 10;

  @Option(names = "--clients", paramLabel = "N", description = "A third of them back up (3).")
  private int clients = 3;

  @Option(
      names = "--pauses",
      split = ",",
      paramLabel = "MS",
      description = "Between two calls of a client, in the mean (0,50).")
  private List<Long> pauses = List.of(0L, 50L);

  @Option(names = "--rounds", paramLabel = "N", description = "Pairs of windows (6).")
  private int rounds = 6;

  @Option(names = "--seconds", paramLabel = "N", description = "Of a window (10).")
  private int seconds = 10;

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      description = "Put the table between the marks in that page as well.")
  private @Nullable Path docs;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private Path holdfast = Path.of("holdfast");

  @Option(names = "--port", hidden = true, description = "To be the clients of this server.")
  private int port;

  @Option(names = "--token", hidden = true, description = "One for each client.")
  private List<String> tokens = List.of();

  public static void main(String... words) {
    System.exit(new CommandLine(new DrillCost()).execute(words));
  }

  @Override
  public Integer call() throws Exception {
    if (port > 0) {
      DrillLoad.run(port, tokens);
      return 0;
    }
    Files.createDirectories(work);
    work = work.toRealPath();
    holdfast = holdfast.toRealPath();
    Path folder = work.resolve("service");
    Folders.delete(folder);
    new SyntheticLog(records, blockLength).make(folder, holdfast, work);
    try (CalendarServer server =
        CalendarServer.start(
            folder,
            "freeing = off",
            "cleaning = off",
            "scrub = off",
            "image = off",
            "drill = off",
            "drill-days = 1")) {
      return measure(server);
    }
  }

  private String script(String name) {
    return holdfast.resolveSibling("bench").resolve(name).toString();
  }

  private int measure(CalendarServer server)
      throws IOException, HoldfastException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(script("drill"), work.toString()));
    words.addAll(List.of("--port", Integer.toString(server.port())));
    String opened = server.operate("account", "open", "load");
    for (int i = 0; i < clients; i++) {
      words.add("--token");
      words.add(server.operate("invite", "load").lines().toList().getLast().strip());
    }
    System.err.println("server on port " + server.port() + ", account " + opened.strip());
    Process load = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader answers = load.inputReader(StandardCharsets.UTF_8)) {
      if (!"ready".equals(answers.readLine())) {
        throw new IOException("the clients do not start");
      }
      StringBuilder text = new StringBuilder(head());
      boolean isGood = true;
      for (long pause : pauses) {
        Series series = new Series(server, load, answers, pause);
        isGood &= series.run(text);
      }
      System.out.print(text);
      if (docs != null) {
        new MarkedPage(docs, "bench/drill").put(text.toString());
      }
      return isGood ? 0 : 1;
    } finally {
      load.destroy();
    }
  }

  private String head() throws IOException {
    return LocalDate.now(ZoneOffset.UTC)
        + ": "
        + Report.machine()
        + ", load "
        + Report.load()
        + String.format(
            Locale.ROOT,
            " at the start; a log of %,d records, %d clients, %d pairs of windows of %d s.%n",
            records,
            clients,
            rounds,
            seconds);
  }

  /// Pairs of windows of clients that pause so long.
  private final class Series {
    private final CalendarServer server;
    private final Process load;
    private final BufferedReader answers;
    private final long pauseMillis;
    private final List<Window> without = new ArrayList<>();
    private final List<Window> with = new ArrayList<>();
    private long workedMillis;
    private long waitedMillis;
    private long drills;

    Series(CalendarServer server, Process load, BufferedReader answers, long pauseMillis) {
      this.server = server;
      this.load = load;
      this.answers = answers;
      this.pauseMillis = pauseMillis;
    }

    /// Adds its table; answers whether clients have lost as little as they may.
    boolean run(StringBuilder text) throws IOException, HoldfastException, InterruptedException {
      window();
      for (int round = 0; round < rounds; round++) {
        // What warms up or fills falls on the first of a pair: they take turns at that too.
        if (round % 2 == 0) {
          without.add(window());
        }
        with.add(drilling());
        if (round % 2 == 1) {
          without.add(window());
        }
        System.err.println("without " + without.getLast() + "\nwith    " + with.getLast());
      }
      double all = (double) rounds * seconds * 1000;
      text.append(
          String.format(
              Locale.ROOT,
              "%nClients that pause %d ms; of that time the drill worked %.1f %% and waited for"
                  + " its turn %.1f %%; %d drills came to their end.%n%n"
                  + "| | without | with | with / without: median of pairs | least | most |%n"
                  + "|---|---:|---:|---:|---:|---:|%n",
              pauseMillis,
              100 * workedMillis / all,
              100 * waitedMillis / all,
              drills));
      boolean isGood = true;
      for (Figure figure : FIGURES) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
          ratios.add(
              figure.of.applyAsDouble(with.get(i)) / figure.of.applyAsDouble(without.get(i)));
        }
        double middle = Report.median(ratios, Double::doubleValue);
        text.append(
            String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | **%.3f** | %.2f | %.2f |%n",
                figure.name,
                Report.median(without, figure.of),
                Report.median(with, figure.of),
                middle,
                Collections.min(ratios),
                Collections.max(ratios)));
        isGood &= figure.isMoreBetter ? middle >= 1 - LOST_MAX : middle <= 1 / (1 - LOST_MAX);
      }
      return isGood;
    }

    /// Looked at as often as one with a drill, which costs the server something too.
    private Window window() throws IOException, HoldfastException, InterruptedException {
      ask();
      long until = System.nanoTime() + seconds * 1_000_000_000L;
      while (System.nanoTime() < until) {
        Thread.sleep(LOOK_MILLIS);
        var _ = server.status();
      }
      return answer();
    }

    private void ask() throws IOException {
      load.outputWriter(StandardCharsets.UTF_8).write(seconds * 1000 + " " + pauseMillis + "\n");
      load.outputWriter(StandardCharsets.UTF_8).flush();
    }

    private Window answer() throws IOException {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("the clients have ended");
      }
      return Window.parse(line);
    }

    /// A window in which a drill is at work from the beginning, and another one when it has ended.
    /// It has listed the log by then, and reads headers: of that a long drill consists.
    private Window drilling() throws IOException, HoldfastException, InterruptedException {
      long drilled = count("begun");
      long read = count("reading headers begun");
      server.operate("work", "drill", "on");
      for (int i = 0; count("reading headers begun") == read; i++) {
        if (i == START_POLLS) {
          throw new IOException("no drill begins");
        }
        // One that was switched off a moment ago counts the time from its end. A day that passes
        // while one works would be taken for its work.
        if (i % SKIP_POLLS == 0 && count("begun") == drilled) {
          server.skip(DAY_MILLIS);
        }
        Thread.sleep(POLL_MILLIS);
      }
      CalendarServer.Status began = server.status();
      ask();
      long ended = began.get("drill_rounds");
      long until = System.nanoTime() + seconds * 1_000_000_000L;
      while (System.nanoTime() < until) {
        Thread.sleep(LOOK_MILLIS);
        CalendarServer.Status now = server.status();
        if (now.get("drill_rounds") > ended) {
          ended = now.get("drill_rounds");
          server.skip(DAY_MILLIS);
        }
      }
      CalendarServer.Status after = server.status();
      workedMillis += after.get("drill_worked_ms") - began.get("drill_worked_ms");
      waitedMillis += after.get("drill_waited_ms") - began.get("drill_waited_ms");
      drills += after.get("drill_rounds") - began.get("drill_rounds");
      Window window = answer();
      server.operate("work", "drill", "off");
      // It finds that out before its next piece.
      for (int i = 0; count("CUT SHORT") + count("ended") < count("begun"); i++) {
        if (i == START_POLLS) {
          throw new IOException("a drill that is switched off goes on");
        }
        Thread.sleep(POLL_MILLIS);
      }
      return window;
    }
  }

  /// How often the timeline says this of drills, at the beginning of a line.
  private long count(String what) throws IOException {
    Path timeline = work.resolve("service/state/timeline");
    String line = "drill in the background: " + what;
    return Files.readAllLines(timeline).stream()
        .filter(each -> each.regionMatches(each.indexOf(' ') + 1, line, 0, line.length()))
        .count();
  }

  /// One line of the table.
  private record Figure(String name, boolean isMoreBetter, ToDoubleFunction<Window> of) {}
}
