package org.holdfast.cli;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.core.HoldfastException;
import org.holdfast.server.Rebuild;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.state.Check;
import org.holdfast.server.state.IndexDifference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Makes a server's index anew from the bucket.
@Command(
    name = "rebuild",
    description = "Make the server's index from the bucket alone, while the server is stopped.",
    footer = {
      "",
      "Reads segment headers only, changes nothing in the bucket, and compares the state's digest"
          + " with that of the old index, if there is one. Exit code 1 if they differ, and, with"
          + " the old index left in its place, if the bucket's log ends before what the old index"
          + " has seen.",
      "",
      "Examples:",
      "  holdfast rebuild --config /etc/holdfast/server.conf",
      "  holdfast rebuild --config /etc/holdfast/server.conf --resume",
      "  holdfast rebuild --config /etc/holdfast/server.conf --compare"
    })
final class RebuildCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final ServerOptions options;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(names = "--compare", description = "Only compare: leave the old index where it is.")
  private boolean compareOnly;

  @Option(
      names = "--resume",
      description = "Go on with the headers that a rebuild which was cut short has read.")
  private boolean resume;

  @Option(
      names = "--in-order",
      description = "Apply each record in order: slow, for when the fast way is in doubt.")
  private boolean inOrder;

  @Option(
      names = "--override",
      paramLabel = "CHECK",
      description =
          "Go on where this check would stop: lost-end, digest or owner. What each gives up stands"
              + " in docs/operations.md. May be given several times; what was overridden is kept in"
              + " the state folder.")
  private List<String> overrides = List.of();

  RebuildCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.options = new ServerOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    Set<Check> overridden = EnumSet.noneOf(Check.class);
    for (String each : overrides) {
      overridden.add(Check.of(each));
    }
    ServerConfig config = options.read();
    options.checkStopped(config);
    RebuildLines lines = new RebuildLines(surroundings.clock(), output);
    Rebuild.Report report;
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      report =
          Rebuild.of(
                  config,
                  surroundings.clock(),
                  surroundings.spawner(),
                  surroundings.random(),
                  lines)
              .run(Rebuild.How.of(compareOnly, resume, inOrder).overriding(overridden));
    }
    report.overridden().forEach(line -> output.warn("overridden: " + line));
    report.difference().ifPresent(this::tell);
    output.terminal().print(json.isWanted() ? json(report) : text(report));
    return report.comparison() == Rebuild.Comparison.DIFFERENT ? ExitCode.FAILED : ExitCode.DONE;
  }

  private void tell(IndexDifference difference) {
    if (json.isWanted()) {
      difference.counts().forEach(each -> output.terminal().print(json(each)));
      difference
          .unread()
          .ifPresent(
              why -> output.terminal().print(new JsonLine("difference").with("unread", why).end()));
    } else {
      difference.lines().forEach(output.terminal()::print);
    }
  }

  private static String json(IndexDifference.Count count) {
    JsonLine line =
        new JsonLine("difference")
            .with("kind", count.kind())
            .with("side", count.side().name().toLowerCase(Locale.ROOT))
            .with("rows", count.rows());
    return count.machine().map(machine -> line.with("machine", machine)).orElse(line).end();
  }

  private String text(Rebuild.Report report) {
    String comparison =
        switch (report.comparison()) {
          case EQUAL -> "the old index says the same";
          case DIFFERENT ->
              compareOnly
                  ? "THE OLD INDEX SAYS OTHERWISE: rebuild without --compare replaces it"
                  : "the old index said otherwise, and is replaced";
          case CLEANED_SINCE ->
              "the old index ends where segments were cleaned since, so nobody can compare it";
          case LOST_END ->
              "the old index has seen more than the bucket holds, so nobody can compare it";
          case UNFINISHED ->
              "the old index was not finished, as a start was cut short: nothing to compare";
          case NOTHING_TO_COMPARE -> "there was no old index";
        };
    return "rebuilt %d records from %d segments in %.2f s, %d a second, digest %s; %s"
        .formatted(
            report.records(),
            report.segments(),
            report.millis() / 1000.0,
            report.recordsPerSecond(),
            report.digest(),
            comparison);
  }

  private static String json(Rebuild.Report report) {
    return new JsonLine("summary")
        .with("segments", report.segments())
        .with("records", report.records())
        .with("digest", report.digest().toString())
        .with("comparison", report.comparison().name().toLowerCase(Locale.ROOT))
        .with("overridden", report.overridden().size())
        .with("duration_millis", report.millis())
        .with("records_per_second", report.recordsPerSecond())
        .end();
  }
}
