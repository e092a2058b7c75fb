package org.holdfast.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.look.Sample;
import org.holdfast.client.look.Verification;
import org.holdfast.client.look.VerifyProgress;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Proves archives by reading them.
@Command(
    name = "verify",
    description = "Prove archives: read them as a restore would, and write nothing.",
    footer = {
      "",
      "Without an option all that archives say of files is read and proven, and no content. With"
          + " content, what opens under its name is what was stored. Exit code 1 says that"
          + " something is lost or damaged; it is named.",
      "",
      "Examples:",
      "  holdfast verify",
      "  holdfast verify latest --read-data",
      "  holdfast verify --read-data-subset 5%%"
    })
final class VerifyCommand implements Callable<Integer> {
  /// Problems that are named one by one.
  private static final int NAMED_MAX = 1_000;

  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(names = "--read-data", description = "Read all content too.")
  private boolean readsAll;

  @Option(
      names = "--read-data-subset",
      paramLabel = "N%|N/M",
      description =
          "Read a share of the content: so many of a hundred, others each time, or the N-th of M"
              + " parts.")
  private @Nullable String subset;

  @Parameters(arity = "0..*", paramLabel = "ARCHIVE", description = "Which archives; else all.")
  private List<String> archives = List.of();

  VerifyCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    Sample sample = sample();
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      boolean isListWhole = reading.list().unreadable().isEmpty();
      List<Archive> all = reading.chosen(archives);
      VerifyProgress progress = new VerifyProgress();
      Problems problems = new Problems();
      Verification.Result result;
      Verification verification =
          new Verification(
              reading.catalog().blocks(),
              sample,
              Spawner.platform(),
              Runtime.getRuntime().availableProcessors(),
              progress,
              problems::tell);
      try (Ticker _ =
          Ticker.start(
              surroundings,
              output,
              json.isWanted(),
              new VerifyLines(progress, surroundings.clock()))) {
        result = verification.run(all);
      }
      problems.tellRest();
      tell(result);
      boolean isWhole = result.isWhole() && (isListWhole || !archives.isEmpty());
      return isWhole ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private Sample sample() throws RefusedException {
    if (readsAll && subset != null) {
      throw new RefusedException("--read-data reads all: leave --read-data-subset out, or it");
    }
    if (readsAll) {
      return new Sample.All();
    }
    return subset == null ? new Sample.None() : Sample.parse(subset, surroundings.random());
  }

  private void tell(Verification.Result result) {
    if (json.isWanted()) {
      output
          .terminal()
          .print(
              new JsonLine("summary")
                  .with("archives", result.archives())
                  .with("entries", result.entries())
                  .with("pages", result.pages())
                  .with("chunks", result.chunks())
                  .with("chunks_read", result.chunksRead())
                  .with("bytes_read", result.bytesRead())
                  .with("entries_lost", result.entriesLost())
                  .with("chunks_lost", result.chunksLost())
                  .with("files_damaged", result.filesDamaged())
                  .end());
      return;
    }
    if (!output.isQuiet()) {
      output
          .terminal()
          .print(
              "archives  %d, with %d different entries in %s"
                  .formatted(
                      result.archives(), result.entries(), Counted.of(result.pages(), "page")));
      output
          .terminal()
          .print(
              "content   %d of %s read, %s"
                  .formatted(
                      result.chunksRead(),
                      Counted.of(result.chunks(), "chunk"),
                      Failures.bytes(result.bytesRead())));
      output
          .terminal()
          .print(
              result.isWhole()
                  ? "whole     what was read is what was stored"
                  : "damaged   %s, %s"
                      .formatted(
                          Counted.of(result.entriesLost(), "lost entry", "lost entries"),
                          Counted.of(
                              result.filesDamaged(),
                              "file without all of its content",
                              "files without all of their content")));
    }
  }

  /// Names problems, the first of them.
  private final class Problems {
    private long count;

    void tell(String line) {
      count++;
      if (count <= NAMED_MAX) {
        output.warn(line);
      }
    }

    void tellRest() {
      if (count > NAMED_MAX) {
        output.warn("and " + (count - NAMED_MAX) + " more like these");
      }
    }
  }
}
