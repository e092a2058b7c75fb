package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/// What was measured, as Markdown: for each corpus seconds, the processor's time and memory of each
/// stage and program, and how Holdfast compares with the faster peer, run by run.
final class Report {
  private final StringBuilder text = new StringBuilder();
  private final List<Rows> corpus = new ArrayList<>();
  private final List<String> absent = new ArrayList<>();

  void add(String program, Kind kind, List<Run> runs) {
    corpus.add(new Rows(program, kind, runs));
  }

  /// A program that there are no figures of.
  void addAbsent(String program, String reason) {
    absent.add(program + ": " + reason);
  }

  /// All programs have come that were measured with this one.
  void endCorpus(String title) {
    text.append("**").append(title).append("**\n");
    head("seconds", "stored, MB");
    for (Rows rows : corpus) {
      row(
          rows,
          stage -> number("%.2f", median(rows.runs, run -> run.of(stage).seconds())),
          number("%.0f", median(rows.runs, Run::storedBytes) / 1e6));
    }
    head("processor, s (without the server)", "server's peak, MB");
    for (Rows rows : corpus) {
      double peak = most(rows.runs, Run::serverPeakBytes) / 1e6;
      row(
          rows,
          stage -> number("%.2f", median(rows.runs, run -> run.of(stage).processorSeconds())),
          peak == 0 ? "" : number("%.0f", peak));
    }
    head("peak, MB", "");
    for (Rows rows : corpus) {
      row(
          rows,
          stage -> number("%.0f", most(rows.runs, run -> run.of(stage).peakBytes()) / 1e6),
          "");
    }
    head("times as fast as the faster peer", "");
    for (Rows rows : corpus) {
      if (!rows.kind.isPeer()) {
        row(rows, stage -> ratio(rows, stage), "");
      }
    }
    absent.forEach(each -> text.append('\n').append(each).append('\n'));
    text.append('\n');
    corpus.clear();
    absent.clear();
  }

  private void head(String what, String last) {
    StringBuilder line = new StringBuilder("|---");
    text.append("\n| ").append(what);
    for (Stage stage : Stage.values()) {
      text.append(" | ").append(stage);
      line.append("|---:");
    }
    text.append(" | ").append(last).append(" |\n").append(line).append("|---:|\n");
  }

  private void row(Rows rows, Function<Stage, String> cell, String last) {
    text.append("| ").append(rows.program);
    for (Stage stage : Stage.values()) {
      text.append(" | ").append(rows.has(stage) ? cell.apply(stage) : "");
    }
    text.append(" | ").append(last).append(" |\n");
  }

  /// The median over the runs, each with the peers of the same run.
  private String ratio(Rows own, Stage stage) {
    List<Double> ratios = new ArrayList<>();
    for (Run run : own.runs) {
      corpus.stream()
          .filter(rows -> rows.kind.isPeerOf(own.kind) && rows.has(stage))
          .flatMap(rows -> rows.runs.stream())
          .filter(peer -> peer.round == run.round)
          .mapToDouble(peer -> peer.of(stage).seconds())
          .min()
          .ifPresent(best -> ratios.add(best / run.of(stage).seconds()));
    }
    return ratios.isEmpty() ? "" : number("**%.2f**", median(ratios, Double::doubleValue));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  String markdown() {
    return text.toString();
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
  /// @param round the programs take turns in it
  /// @param stages those that it can do
  /// @param serverPeakBytes 0 where there is no server
  record Run(
      int round, Map<Stage, Command.Measured> stages, long storedBytes, long serverPeakBytes) {
    Run {
      stages = Map.copyOf(stages);
    }

    Command.Measured of(Stage stage) {
      return Objects.requireNonNull(stages.get(stage), "it has done that");
    }
  }

  private record Rows(String program, Kind kind, List<Run> runs) {
    boolean has(Stage stage) {
      return runs.stream().allMatch(run -> run.stages.containsKey(stage));
    }
  }
}
