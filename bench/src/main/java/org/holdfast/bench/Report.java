package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What was measured over one corpus, as Markdown: what each stage of each program cost, and how
/// Holdfast compares with the faster of the peers that have the same way to go, run by run.
final class Report {
  private final String title;
  private final List<Rows> programs = new ArrayList<>();
  private final List<String> absent = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  Report(String title) {
    this.title = title;
  }

  void add(String program, Kind kind, List<Run> runs) {
    programs.add(new Rows(program, kind, runs));
  }

  /// A program that there are no figures of.
  void addAbsent(String program, String reason) {
    absent.add(program + ": " + reason);
  }

  String markdown() {
    text.setLength(0);
    text.append("**").append(title).append("**\n");
    head("seconds", "stored, MB", "objects");
    for (Rows rows : programs) {
      row(
          rows,
          stage -> number("%.2f", median(rows.runs, run -> run.seconds(stage))),
          number("%.0f", median(rows.runs, run -> run.stored.bytes()) / 1e6),
          number("%,.0f", median(rows.runs, run -> run.stored.files())));
    }
    head("processor, s: client + server");
    for (Rows rows : programs) {
      row(rows, stage -> processor(rows, stage));
    }
    head("client's peak, MB", "server's");
    for (Rows rows : programs) {
      row(
          rows,
          stage -> number("%.0f", most(rows.runs, run -> run.of(stage).client().peakBytes()) / 1e6),
          rows.hasServerPeak()
              ? number("%.0f", most(rows.runs, run -> run.serverPeakBytes.orElse(0)) / 1e6)
              : "");
    }
    counts("between client and server, MB", "%,.2f", 1e6, Figures::wireBytes);
    counts("requests to the store", "%,.0f", 1, Figures::requests);
    head("times as fast as the faster peer");
    for (Rows rows : programs) {
      if (!rows.kind.isPeer()) {
        row(rows, stage -> ratio(rows, stage));
      }
    }
    absent.forEach(each -> text.append('\n').append(each).append('\n'));
    return text.append('\n').toString();
  }

  /// The seconds of each stage as bars, in SVG.
  String picture() {
    Chart chart = new Chart(title + ", seconds (shorter is better)");
    for (Stage stage : Stage.values()) {
      chart.add(
          stage.toString(),
          programs.stream().filter(rows -> rows.has(stage)).map(rows -> bar(rows, stage)).toList());
    }
    return chart.svg();
  }

  private static Chart.Bar bar(Rows rows, Stage stage) {
    double seconds = median(rows.runs, run -> run.seconds(stage));
    return new Chart.Bar(rows.program, seconds, number("%.2f", seconds), rows.kind.colour());
  }

  private void head(String what, String... last) {
    StringBuilder line = new StringBuilder("|---");
    text.append("\n| ").append(what);
    for (Stage stage : Stage.values()) {
      text.append(" | ").append(stage);
      line.append("|---:");
    }
    for (String each : last) {
      text.append(" | ").append(each);
      line.append("|---:");
    }
    text.append(" |\n").append(line).append("|\n");
  }

  private void row(Rows rows, Function<Stage, String> cell, String... last) {
    text.append("| ").append(rows.program);
    for (Stage stage : Stage.values()) {
      text.append(" | ").append(rows.has(stage) ? cell.apply(stage) : "");
    }
    for (String each : last) {
      text.append(" | ").append(each);
    }
    text.append(" |\n");
  }

  private static String processor(Rows rows, Stage stage) {
    String client =
        number("%.2f", median(rows.runs, run -> run.of(stage).client().processorSeconds()));
    return rows.kind.isRemote()
        ? client
            + number(" + %.2f", median(rows.runs, run -> run.of(stage).serverSeconds().orElse(0)))
        : client;
  }

  /// Only of the programs that have them.
  private void counts(
      String what, String format, double unit, Function<Figures, OptionalLong> figure) {
    List<Rows> counted = programs.stream().filter(rows -> rows.haveAll(figure)).toList();
    if (counted.isEmpty()) {
      return;
    }
    head(what);
    for (Rows rows : counted) {
      row(
          rows,
          stage ->
              number(
                  format,
                  median(rows.runs, run -> figure.apply(run.of(stage)).orElseThrow()) / unit));
    }
  }

  /// The median over the runs, each with the peers of the same run.
  private String ratio(Rows own, Stage stage) {
    List<Double> ratios = new ArrayList<>();
    for (Run run : own.runs) {
      programs.stream()
          .filter(rows -> rows.kind.isPeerOf(own.kind) && rows.has(stage))
          .flatMap(rows -> rows.runs.stream())
          .filter(peer -> peer.round == run.round)
          .mapToDouble(peer -> peer.seconds(stage))
          .min()
          .ifPresent(best -> ratios.add(best / run.seconds(stage)));
    }
    return ratios.isEmpty() ? "" : number("**%.2f**", median(ratios, Double::doubleValue));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
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
  /// @param stored in its repository after the first backup
  record Run(
      int round, Map<Stage, Figures> stages, Folders.Size stored, OptionalLong serverPeakBytes) {
    Run {
      stages = Map.copyOf(stages);
    }

    Figures of(Stage stage) {
      return Objects.requireNonNull(stages.get(stage), "it has done that");
    }

    double seconds(Stage stage) {
      return of(stage).client().seconds();
    }

    /// What a person sees who waits for all of it.
    String line() {
      return Stream.of(Stage.values())
          .filter(stages::containsKey)
          .map(stage -> String.format(Locale.ROOT, "%s %.2f s", stage, seconds(stage)))
          .collect(Collectors.joining(", ", "  ", ""));
    }
  }

  private record Rows(String program, Kind kind, List<Run> runs) {
    boolean has(Stage stage) {
      return runs.stream().allMatch(run -> run.stages.containsKey(stage));
    }

    boolean haveAll(Function<Figures, OptionalLong> figure) {
      return runs.stream()
          .flatMap(run -> run.stages.values().stream())
          .allMatch(each -> figure.apply(each).isPresent());
    }

    boolean hasServerPeak() {
      return runs.stream().allMatch(run -> run.serverPeakBytes.isPresent());
    }
  }
}
