package org.holdfast.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Backs up and restores over a line of a certain rate and delay, and without one: how much of the
/// line a client can use.
@CommandLine.Command(
    name = "bench/link",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Measures a first backup and a full restore of files that do not compress, by",
      "a client that reaches its server over a long line, and in turn without it:",
      "bytes over the wire a second, and what share of the line's rate that is. What",
      "is restored is compared.",
      "",
      "The line is in this process, between client and server: all connections of a",
      "direction share its rate, and what they send arrives after half a round trip.",
      "It shows what waits for answers. It does not show TCP's slow start, nor what a",
      "lost packet costs."
    },
    footer = {
      "",
      "Examples:",
      "  bench/link /var/tmp/bench",
      "  bench/link /var/tmp/bench --round-trip-millis 150 --megabits 100 --runs 1"
    })
public final class LinkCost implements Callable<Integer> {
  /// So fast that it is no line any more: 8 Tbit/s.
  private static final double NO_LINE = 1e12;

  @Parameters(index = "0", paramLabel = "WORK", description = "A folder; the corpus stays in it.")
  private Path work = Path.of(".");

  @Option(names = "--runs", paramLabel = "N", description = "Runs of each (3).")
  private int runs = 3;

  @Option(names = "--scale", paramLabel = "N", description = "An Nth of 4 GiB (16).")
  private int scale = 16;

  @Option(names = "--round-trip-millis", paramLabel = "N", description = "Of the line (50).")
  private int roundTripMillis = 50;

  @Option(names = "--megabits", paramLabel = "N", description = "A second, each way (200).")
  private int megabits = 200;

  @Option(names = "--holdfast", hidden = true, description = "The launcher.")
  private String holdfast = "holdfast";

  @Option(names = "--docs", paramLabel = "FILE", description = "Put the table into that page too.")
  private @Nullable Path docs;

  public static void main(String... words) {
    System.exit(new CommandLine(new LinkCost()).execute(words));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String load = Report.load();
    work = Files.createDirectories(work).toRealPath();
    Path source = Corpus.LARGE.in(work.resolve("corpora"), scale);
    List<Run> over = new ArrayList<>();
    List<Run> without = new ArrayList<>();
    for (int run = 1; run <= runs; run++) {
      System.err.printf("run %d of %d%n", run, runs);
      over.add(run(source, bytesPerSecond(), roundTripMillis / 2.0));
      without.add(run(source, NO_LINE, 0));
    }
    String text = text(load, Folders.size(source), over, without);
    System.out.print(text);
    if (docs != null) {
      new MarkedPage(docs, "bench/link").put(text);
    }
    return 0;
  }

  private double bytesPerSecond() {
    return megabits * 1e6 / 8;
  }

  private Run run(Path source, double bytesPerSecond, double delayMillis)
      throws IOException, InterruptedException {
    Path folder = Folders.fresh(work.resolve("link"));
    Path log = work.resolve("link.log");
    Command client =
        new Command(
            Map.of(
                "HOLDFAST_KEYFILE", folder.resolve("key").toString(),
                "HOLDFAST_CACHE", folder.resolve("cache").toString()),
            log);
    Path restored = Files.createDirectories(Contender.restored(folder));
    try (Server server = Server.start(holdfast, folder, log);
        SlowLink link = SlowLink.to(server.port(), bytesPerSecond, delayMillis)) {
      client.run(
          folder,
          List.of(
              holdfast,
              "init",
              "--service",
              "127.0.0.1:" + link.port(),
              "--invite",
              server.invite("bench"),
              "--machine",
              "bench"));
      Folders.warm(source);
      Passed backup =
          passed(
              client,
              folder,
              link::upBytes,
              List.of(holdfast, "backup", "-q", "--name", "first", source.toString()));
      client.run(folder, List.of("sync"));
      Passed restore =
          passed(
              client,
              folder,
              link::downBytes,
              List.of(holdfast, "restore", "-q", "latest", "--target", restored.toString()));
      Folders.compare(source, restored.resolve(source.getRoot().relativize(source).toString()));
      return new Run(backup, restore);
    } finally {
      Folders.delete(folder);
    }
  }

  private static Passed passed(Command client, Path folder, LongSupplier bytes, List<String> words)
      throws IOException, InterruptedException {
    long before = bytes.getAsLong();
    double seconds = client.run(folder, words).seconds();
    return new Passed(seconds, bytes.getAsLong() - before);
  }

  private String text(String load, Folders.Size size, List<Run> over, List<Run> without)
      throws IOException {
    return String.format(
        Locale.ROOT,
        """
        %s, load %s at the start. %,d files, %,d MB, medians of %d runs.

        | | backup, s | MB/s | of the line | restore, s | MB/s | of the line |
        |---|---:|---:|---:|---:|---:|---:|
        | %d Mbit/s, %d ms there and back | %s | %s |
        | no line | %s | %s |
        """,
        Report.machine(),
        load,
        size.files(),
        size.bytes() / 1_000_000,
        runs,
        megabits,
        roundTripMillis,
        cells(over.stream().map(Run::backup).toList(), true),
        cells(over.stream().map(Run::restore).toList(), true),
        cells(without.stream().map(Run::backup).toList(), false),
        cells(without.stream().map(Run::restore).toList(), false));
  }

  private String cells(List<Passed> all, boolean hasLine) {
    double rate = Report.median(all, each -> each.bytes / each.seconds);
    return String.format(
        Locale.ROOT,
        "%.2f | %.1f | %s",
        Report.median(all, Passed::seconds),
        rate / 1e6,
        hasLine ? String.format(Locale.ROOT, "**%.0f %%**", 100 * rate / bytesPerSecond()) : "");
  }

  private record Run(Passed backup, Passed restore) {}

  /// What one command took, and what passed in the direction of the data.
  private record Passed(double seconds, long bytes) {}
}
