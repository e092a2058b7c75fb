package org.holdfast.cli;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.look.ArchiveDiff;
import org.holdfast.client.look.Change;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Says what differs between two archives.
@Command(
    name = "diff",
    description = "Say what differs between two archives, or below a path in both.",
    footer = {
      "",
      "Each line begins with + (came), - (went), M (content), T (is something else now) or U (only"
          + " metadata); what differs stands behind the path.",
      "",
      "Examples:",
      "  holdfast diff latest~1 latest",
      "  holdfast diff monday:/etc friday --content-only"
    })
final class DiffCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = "--content-only",
      description = "Leave out what differs in owners, modes, times and attributes only.")
  private boolean contentOnly;

  @Parameters(index = "0", paramLabel = "BEFORE[:PATH]", description = "The archive of before.")
  private String before = "";

  @Parameters(index = "1", paramLabel = "AFTER", description = "The one to compare with it.")
  private String after = "";

  DiffCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      ArchivePart left = reading.list().resolve(before);
      ArchivePart right = reading.list().resolve(after);
      if (!right.path().isRoot() && !right.path().equals(left.path())) {
        throw new RefusedException(
            "both archives are compared below the same path: write it behind the first one");
      }
      Map<Change.Kind, Integer> counts = new EnumMap<>(Change.Kind.class);
      new ArchiveDiff(
              reading.catalog().blocks(),
              reading.catalog().read(left.archive()),
              reading.catalog().read(right.archive()),
              left.path())
          .forEach(change -> tell(change, counts), reading::lost);
      tell(counts);
      return reading.isWhole() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void tell(Change change, Map<Change.Kind, Integer> counts) {
    if (contentOnly && change.kind() == Change.Kind.METADATA) {
      return;
    }
    counts.merge(change.kind(), 1, Integer::sum);
    String path = EntryLine.path(change.entry());
    if (json.isWanted()) {
      output
          .terminal()
          .print(
              new JsonLine("change")
                  .with("change", change.kind().word())
                  .with("path", path)
                  .with("type", EntryLine.type(change.entry()))
                  .with("details", change.details())
                  .end());
      return;
    }
    String details =
        change.details().isEmpty() ? "" : "  (" + String.join(", ", change.details()) + ")";
    output.terminal().print(change.kind().letter() + " " + path + details);
  }

  private void tell(Map<Change.Kind, Integer> counts) {
    if (json.isWanted()) {
      JsonLine line = new JsonLine("summary");
      for (Change.Kind each : Change.Kind.values()) {
        line.with(each.word(), counts.getOrDefault(each, 0));
      }
      output.terminal().print(line.end());
      return;
    }
    int all = counts.values().stream().mapToInt(Integer::intValue).sum();
    output.say(
        all == 0
            ? "no difference"
            : "%s: %d came, %d went, %d with other content, %d something else, %d other metadata"
                .formatted(
                    Counted.of(all, "difference"),
                    counts.getOrDefault(Change.Kind.ADDED, 0),
                    counts.getOrDefault(Change.Kind.REMOVED, 0),
                    counts.getOrDefault(Change.Kind.CONTENT, 0),
                    counts.getOrDefault(Change.Kind.TYPE, 0),
                    counts.getOrDefault(Change.Kind.METADATA, 0)));
  }
}
