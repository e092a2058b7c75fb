package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What was measured, as Markdown: one row for each corpus and program. Times and bytes stored are
/// medians over the runs, memory is the most that any run took.
final class Report {
  private static final String HEAD =
      """
      | corpus | program | backup, s | unchanged, s | restore, s | stored, MB | peak: backup, MB \
      | unchanged, MB | restore, MB | server, MB |
      |---|---|---:|---:|---:|---:|---:|---:|---:|---:|
      """;

  private final List<String> rows = new ArrayList<>();

  void add(String corpus, String program, List<Run> runs) {
    rows.add(
        String.format(
            Locale.ROOT,
            "| %s | %s | %.1f | %.1f | %.1f | %.0f | %.0f | %.0f | %.0f | %s |",
            corpus,
            program,
            median(runs, run -> run.backup().seconds()),
            median(runs, run -> run.unchanged().seconds()),
            median(runs, run -> run.restore().seconds()),
            median(runs, Run::storedBytes) / 1e6,
            most(runs, run -> run.backup().peakBytes()) / 1e6,
            most(runs, run -> run.unchanged().peakBytes()) / 1e6,
            most(runs, run -> run.restore().peakBytes()) / 1e6,
            most(runs, Run::serverPeakBytes) == 0
                ? ""
                : String.format(Locale.ROOT, "%.0f", most(runs, Run::serverPeakBytes) / 1e6)));
  }

  /// A program that there are no figures of.
  void addAbsent(String corpus, String program, String reason) {
    rows.add("| %s | %s | %s | | | | | | | |".formatted(corpus, program, reason));
  }

  String markdown() {
    return HEAD + String.join("\n", rows) + "\n";
  }

  static double most(List<Run> runs, ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).max().orElse(0);
  }

  static <T> double median(List<T> runs, ToDoubleFunction<T> figure) {
    double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /// The machine in a few words, since figures mean nothing without it.
  static String machine() throws IOException {
    return "%s, %d cores, %d GB of memory, Linux %s"
        .formatted(
            field("/proc/cpuinfo", "model name"),
            Runtime.getRuntime().availableProcessors(),
            Math.round(
                Long.parseLong(field("/proc/meminfo", "MemTotal").replace(" kB", "")) / 976_562.5),
            System.getProperty("os.version"));
  }

  /// Threads that wanted to run in the last minute.
  static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
  }

  private static String field(String file, String name) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("0");
  }

  /// One run of a program over a corpus.
  ///
  /// @param serverPeakBytes 0 where there is no server
  record Run(
      Command.Measured backup,
      Command.Measured unchanged,
      Command.Measured restore,
      long storedBytes,
      long serverPeakBytes) {}
}
