package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Rebuilds the index of logs of several lengths, one after the other, as processes; prints a table
/// and a plot.
@CommandLine.Command(
    name = "bench/rebuild",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Measures `holdfast rebuild` of logs that `bench/history` has made, by their",
      "length, and prints a table. The logs stay in WORK for the next time: some",
      "120 bytes a record, and three times as much while one is rebuilt."
    },
    footer = {
      "",
      "Examples:",
      "  bench/rebuild /var/tmp/rebuild",
      "  bench/rebuild /var/tmp/rebuild --records 100000000 --docs docs/recovery.md"
    })
public final class RebuildSeries implements Callable<Integer> {
  private static final Pattern SUMMARY =
      Pattern.compile("\"message_type\":\"summary\",\"segments\":(\\d+),\"records\":(\\d+)");

  private static final int BAR_LENGTH = 50;

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; logs stay in it.")
  private Path work = Path.of(".");

  @Option(
      names = "--records",
      split = ",",
      paramLabel = "N",
      description = "Lengths (1000000,3000000,10000000,30000000).")
  private List<Long> lengths = List.of(1_000_000L, 3_000_000L, 10_000_000L, 30_000_000L);

  @Option(
      names = "--block-length",
      paramLabel = "BYTES",
      description = "Of a chunk, in the mean (65536): longer ones make more segments.")
  private int blockLength = 64 << 10;

  @Option(names = "--runs", paramLabel = "N", description = "Of each; the median counts (1).")
  private int runs = 1;

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      description = "Put the table between the marks in that page as well.")
  private @Nullable Path docs;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private Path holdfast = Path.of("holdfast");

  public static void main(String... words) {
    System.exit(new CommandLine(new RebuildSeries()).execute(words));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    work = Files.createDirectories(work).toRealPath();
    holdfast = holdfast.toRealPath();
    List<Row> rows = new ArrayList<>();
    for (long records : lengths) {
      rows.add(measured(records));
      System.err.println(rows.getLast().line());
    }
    String text = text(rows);
    System.out.print(text);
    if (docs != null) {
      new MarkedPage(docs, "bench/rebuild").put(text);
    }
    return 0;
  }

  private Row measured(long records) throws IOException, InterruptedException {
    Path history = work.resolve(records + "-" + blockLength);
    Path log = work.resolve("log");
    new SyntheticLog(records, blockLength).make(history, holdfast, work);
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      all.add(run(history, log));
    }
    all.sort(Comparator.comparingDouble(row -> row.took.seconds()));
    return all.get(all.size() / 2);
  }

  private Row run(Path history, Path log) throws IOException, InterruptedException {
    Folders.delete(history.resolve("state"));
    Files.deleteIfExists(log);
    String config = history.resolve("server.conf").toString();
    Command.Measured took =
        new Command(Map.of(), log)
            .run(work, List.of(holdfast.toString(), "rebuild", "--json", "--config", config));
    Matcher summary = SUMMARY.matcher(Files.readString(log));
    if (!summary.find()) {
      throw new IOException("no summary in " + log);
    }
    Folders.delete(history.resolve("state"));
    return new Row(Long.parseLong(summary.group(2)), Long.parseLong(summary.group(1)), took);
  }

  private String text(List<Row> rows) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(LocalDate.now(ZoneOffset.UTC)).append(": ").append(Report.machine());
    text.append(", headers in a folder bucket, chunks of ").append(blockLength >> 10);
    text.append(" KiB").append(runs > 1 ? ", medians of " + runs + " runs" : ", one run");
    text.append(".\n\n| records | segments | seconds | processor, s | records a second | µs of");
    text.append(" processor a record | peak, MB |\n|---:|---:|---:|---:|---:|---:|---:|\n");
    rows.forEach(row -> text.append(row.line()).append('\n'));
    text.append("\nSeconds, by millions of records:\n```\n");
    double most = rows.stream().mapToDouble(row -> row.took.seconds()).max().orElse(1);
    for (Row row : rows) {
      int length = (int) Math.max(1, Math.round(BAR_LENGTH * row.took.seconds() / most));
      text.append(
          String.format(
              Locale.ROOT,
              "%6.1f |%s %.1f%n",
              row.records / 1e6,
              "#".repeat(length),
              row.took.seconds()));
    }
    return text.append("```\n").toString();
  }

  /// One length of log.
  private record Row(long records, long segments, Command.Measured took) {
    String line() {
      return String.format(
          Locale.ROOT,
          "| %,d | %,d | %.1f | %.1f | %,.0f | %.2f | %,.0f |",
          records,
          segments,
          took.seconds(),
          took.processorSeconds(),
          records / took.seconds(),
          took.processorSeconds() / records * 1e6,
          took.peakBytes() / 1e6);
    }
  }
}
