package org.holdfast.cli;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.look.Statistics;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Message;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Says how much archives hold, and how much of it is the same.
@Command(
    name = "stats",
    description = "Say how much archives hold, how much of it is the same, and what it takes.",
    footer = {
      "",
      "All that archives say of files is read, and no content. What deleting an archive would free"
          + " `delete --dry-run` says.",
      "",
      "Examples:",
      "  holdfast stats",
      "  holdfast stats latest latest~30 --json"
    })
final class StatsCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Parameters(arity = "0..*", paramLabel = "ARCHIVE", description = "Which archives; else all.")
  private List<String> archives = List.of();

  StatsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      List<Archive> all = reading.chosen(archives);
      Statistics.Result result = new Statistics(reading.catalog().blocks(), reading::lost).of(all);
      Message.StateReply state = reading.state();
      if (json.isWanted()) {
        output.terminal().print(json(result, state));
      } else {
        tell(result, state);
      }
      return reading.isWhole() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void tell(Statistics.Result result, Message.StateReply state) {
    line("archives", "%d, with %d entries".formatted(result.archives(), result.entries()));
    line("files", Failures.bytes(result.bytes()));
    line(
        "different",
        "%s in %s, %s of the files"
            .formatted(
                Failures.bytes(result.differentBytes()),
                Counted.of(result.chunks(), "chunk"),
                share(result.differentBytes(), result.bytes())));
    line("stored", Failures.bytes(result.newBytes()) + " by the backups that made these archives");
    line(
        "kept",
        "%s in %s, by all of the machine's archives and what is not freed yet"
            .formatted(Failures.bytes(state.bytes()), Counted.of(state.blocks(), "block")));
  }

  private void line(String what, String value) {
    output.terminal().print(String.format(Locale.ROOT, "%-10s%s", what, value));
  }

  private static String share(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f %%", 100.0 * part / whole);
  }

  private static String json(Statistics.Result result, Message.StateReply state) {
    return new JsonLine("summary")
        .with("archives", result.archives())
        .with("entries", result.entries())
        .with("bytes", result.bytes())
        .with("pages", result.pages())
        .with("chunks", result.chunks())
        .with("bytes_different", result.differentBytes())
        .with("bytes_stored", result.newBytes())
        .with("machine_blocks", state.blocks())
        .with("machine_bytes", state.bytes())
        .end();
  }
}
