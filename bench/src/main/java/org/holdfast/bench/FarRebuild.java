package org.holdfast.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.stores.Counts;
import org.holdfast.stores.FaultProxy;
import org.holdfast.stores.S3Access;
import org.holdfast.stores.S3ProxyServer;
import org.holdfast.stores.Weather;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Rebuilds an index from a store in S3 that is far away: how fast headers come, by how many may be
/// asked for at once.
@CommandLine.Command(
    name = "bench/far",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Measures how fast `holdfast rebuild` reads headers from a store in S3 (s3proxy)",
      "behind a proxy that holds each request up, by `s3-concurrency`, beside what so",
      "many requests at once allow: their number over how long one takes in the mean.",
      "In the last run the setting is changed in the config file while it reads, from",
      "the first of the numbers to the second.",
      "",
      "The log, which `bench/history` makes, stays in WORK for the next time."
    },
    footer = {
      "",
      "Examples:",
      "  bench/far /var/tmp/far",
      "  bench/far /var/tmp/far --concurrency 64,256 --docs docs/recovery.md"
    })
public final class FarRebuild implements Callable<Integer> {
  private static final String BEGIN = "<!-- bench/far -->";
  private static final String END = "<!-- end of bench/far -->";
  private static final String BUCKET = "holdfast";

  /// The 99th percentile of the standard normal distribution.
  private static final double P99 = 2.3263478740408408;

  private static final Pattern FETCHING =
      Pattern.compile("\"phase\":\"fetching\",\"done\":(\\d+),\"total\":(\\d+)");
  private static final Pattern READ =
      Pattern.compile("reading headers ended, (\\d+) of \\d+ segments in ([0-9.]+) s");
  private static final Pattern SUMMARY =
      Pattern.compile("\"message_type\":\"summary\".*\"duration_millis\":(\\d+)");

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; the log stays in it.")
  private Path work = Path.of(".");

  @Option(names = "--records", paramLabel = "N", description = "In the log (500000).")
  private long records = 500_000;

  @Option(
      names = "--block-length",
      paramLabel = "BYTES",
      description = "Of a chunk, in the mean (524288): longer ones make more segments.")
  private int blockLength = 512 << 10;

  @Option(names = "--median-millis", paramLabel = "N", description = "Of a request (80).")
  private int medianMillis = 80;

  @Option(
      names = "--p99-millis",
      paramLabel = "N",
      description = "That 99 of 100 requests take at most (240); log-normal.")
  private int lateMillis = 240;

  @Option(
      names = "--concurrency",
      split = ",",
      paramLabel = "N",
      description = "Requests at once (16,64,128).")
  private List<Integer> concurrency = List.of(16, 64, 128);

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      description = "Put the table between the marks in that page as well.")
  private @Nullable Path docs;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private Path holdfast = Path.of("holdfast");

  public static void main(String... words) {
    System.exit(new CommandLine(new FarRebuild()).execute(words));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    work = Files.createDirectories(work).toRealPath();
    holdfast = holdfast.toRealPath();
    Path folder = work.resolve("far-" + records + "-" + blockLength);
    if (!Files.exists(folder.resolve("server.conf"))) {
      makeLog(folder);
    }
    try (S3ProxyServer store = S3ProxyServer.start(folder.resolve("store"))) {
      if (Files.exists(folder.resolve("bucket"))) {
        Files.move(folder.resolve("bucket"), store.bucketFolder(BUCKET));
      }
      Weather far = Weather.CALM.withLatency(medianMillis, lateMillis);
      try (FaultProxy proxy = FaultProxy.start(store.endpoint(), far)) {
        S3Access access = store.access().by(proxy.endpoint());
        String text = text(folder, proxy, access);
        System.out.print(text);
        if (docs != null) {
          put(docs, text);
        }
      }
    }
    return 0;
  }

  private void makeLog(Path folder) throws IOException, InterruptedException {
    new Command(Map.of(), work.resolve("log"))
        .run(
            work,
            List.of(
                holdfast.resolveSibling("bench").resolve("history").toString(),
                folder.toString(),
                "--records",
                Long.toString(records),
                "--block-length",
                Integer.toString(blockLength)));
  }

  private String text(Path folder, FaultProxy proxy, S3Access access)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    text.append(LocalDate.now(ZoneOffset.UTC)).append(": ").append(Report.machine());
    text.append(", load ").append(Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
    text.append(
        String.format(
            Locale.ROOT,
            " at the start; s3proxy behind a proxy that holds a request up for %d ms at the median,"
                + " %d ms at the 99th percentile, %.0f ms in the mean; a log of %,d records.%n%n",
            medianMillis,
            lateMillis,
            meanMillis(),
            records));
    text.append("| `s3-concurrency` | most requests at once | headers | s | headers a second |");
    text.append(" bound | of the bound | whole rebuild, s |\n");
    text.append("|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (int most : concurrency) {
      text.append(run(folder, proxy, access, most, most).line(most, meanMillis()));
      System.err.print(text.substring(text.lastIndexOf("\n|") + 1));
    }
    if (concurrency.size() > 1) {
      int first = concurrency.get(0);
      int second = concurrency.get(1);
      Run changed = run(folder, proxy, access, first, second);
      text.append(
          String.format(
              Locale.ROOT,
              "%nBegun with %d and changed to %d in the config file when a fifth was read: %.0f"
                  + " headers a second before, %.0f in the last half.%n",
              first,
              second,
              changed.before,
              changed.after));
    }
    return text.toString();
  }

  /// Of a log-normal distribution with this median and 99th percentile.
  private double meanMillis() {
    double sigma = Math.log((double) lateMillis / medianMillis) / P99;
    return medianMillis * Math.exp(sigma * sigma / 2);
  }

  private Run run(Path folder, FaultProxy proxy, S3Access access, int first, int second)
      throws IOException, InterruptedException {
    Folders.delete(folder.resolve("state"));
    config(folder, first);
    proxy.resetCounts();
    ProcessBuilder builder =
        new ProcessBuilder(
            holdfast.toString(),
            "rebuild",
            "--json",
            "--config",
            folder.resolve("server.conf").toString());
    Map<String, String> environment = builder.environment();
    environment.put("AWS_ACCESS_KEY_ID", access.accessKey());
    environment.put("AWS_SECRET_ACCESS_KEY", access.secretKey());
    environment.put("AWS_REGION", access.region());
    environment.put("AWS_ENDPOINT_URL", access.endpoint().toString());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<double[]> seen = new ArrayList<>();
    String summary = "";
    boolean isChanged = false;
    long start = System.nanoTime();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        summary = line;
        Matcher at = FETCHING.matcher(line);
        if (at.find()) {
          double done = Long.parseLong(at.group(1));
          double all = Long.parseLong(at.group(2));
          seen.add(new double[] {(System.nanoTime() - start) / 1e9, done, all});
          if (!isChanged && first != second && done >= all / 5) {
            config(folder, second);
            isChanged = true;
          }
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new IOException("the rebuild has failed");
    }
    return ended(folder, proxy.counts(), summary, seen);
  }

  private static Run ended(Path folder, Counts counts, String summary, List<double[]> seen)
      throws IOException {
    Matcher read = READ.matcher(Files.readString(folder.resolve("state/timeline")));
    Matcher took = SUMMARY.matcher(summary);
    if (!read.find() || !took.find()) {
      throw new IOException("neither timeline nor summary say how long it took");
    }
    return new Run(
        counts.mostAtOnce(),
        Long.parseLong(read.group(1)),
        Double.parseDouble(read.group(2)),
        Long.parseLong(took.group(1)) / 1000.0,
        rate(seen, 0, 0.2),
        rate(seen, 0.5, 1));
  }

  /// Headers a second between two parts of all.
  private static double rate(List<double[]> seen, double from, double to) {
    List<double[]> part =
        seen.stream().filter(each -> each[1] >= from * each[2] && each[1] <= to * each[2]).toList();
    if (part.size() < 2) {
      return 0;
    }
    double[] first = part.getFirst();
    double[] last = part.getLast();
    return (last[1] - first[1]) / (last[0] - first[0]);
  }

  private static void config(Path folder, int most) throws IOException {
    Files.writeString(
        folder.resolve("server.conf"),
        """
        bucket = s3://%s
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        s3-concurrency = %d
        """
            .formatted(BUCKET, most));
  }

  private static void put(Path page, String text) throws IOException {
    String old = Files.readString(page);
    int from = old.indexOf(BEGIN);
    int to = old.indexOf(END);
    if (from < 0 || to < from) {
      throw new IOException(page + " has no marks " + BEGIN + " and " + END);
    }
    Files.writeString(
        page, old.substring(0, from + BEGIN.length()) + "\n" + text + old.substring(to));
  }

  /// One rebuild: what the proxy saw, and how fast headers came, in all, in the first fifth and in
  /// the last half.
  private record Run(
      int mostAtOnce,
      long headers,
      double readSeconds,
      double seconds,
      double before,
      double after) {
    String line(int atOnce, double meanMillis) {
      double aSecond = headers / readSeconds;
      double bound = atOnce * 1000 / meanMillis;
      return String.format(
          Locale.ROOT,
          "| %d | %d | %,d | %.1f | %,.0f | %,.0f | %.0f %% | %.1f |%n",
          atOnce,
          mostAtOnce,
          headers,
          readSeconds,
          aSecond,
          bound,
          100 * aSecond / bound,
          seconds);
    }
  }
}
