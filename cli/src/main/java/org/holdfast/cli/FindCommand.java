package org.holdfast.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.look.EntrySearch;
import org.holdfast.client.select.Glob;
import org.holdfast.core.HoldfastException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Looks for entries by their paths, in all archives or in some.
@Command(
    name = "find",
    description = "Say which archives have files that match a pattern, newest archive first.",
    footer = {
      "",
      "Patterns are those of `backup --exclude`: `*.conf`, `/etc/**`, `sub/file`, `name/`.",
      "",
      "Examples:",
      "  holdfast find thesis.tex",
      "  holdfast find -l -i '*.JPG' --archive latest:/home/ann"
    })
final class FindCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = {"-a", "--archive"},
      paramLabel = "ARCHIVE[:PATH]",
      description = "Look in this archive, or what is in it, only; may be repeated.")
  private List<String> archives = List.of();

  @Option(
      names = {"-i", "--ignore-case"},
      description = "Upper and lower case are one.")
  private boolean ignoresCase;

  @Option(
      names = {"-l", "--long"},
      description = "Modes, owners, sizes, times and links too.")
  private boolean isLong;

  @Parameters(arity = "1..*", paramLabel = "PATTERN", description = "What to look for.")
  private List<String> patterns = List.of();

  FindCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    Predicate<Entry> wanted = wanted();
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      List<ArchivePart> parts = new ArrayList<>();
      for (String each : archives) {
        parts.add(reading.list().resolve(each));
      }
      if (archives.isEmpty()) {
        for (ArchiveInfo each : reading.list().archives().reversed()) {
          parts.add(new ArchivePart(each, ArchivePath.ROOT));
        }
      }
      EntrySearch search = new EntrySearch(reading.catalog().blocks(), wanted);
      boolean isAnyTold = false;
      for (ArchivePart each : parts) {
        Lines lines = new Lines(each.archive(), isAnyTold);
        search.in(reading.catalog().read(each.archive()), each.path(), lines::tell, reading::lost);
        output.terminal().flushData();
        isAnyTold |= lines.isTold;
      }
      if (!isAnyTold) {
        output.say("nothing matches");
      }
      return reading.isWhole() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private Predicate<Entry> wanted() throws HoldfastException {
    List<Glob> globs = new ArrayList<>();
    for (String each : patterns) {
      globs.add(Glob.of(surroundings.arguments().bytesOf(each), ignoresCase));
    }
    return entry -> {
      byte[] path = entry.path().toArray();
      boolean isFolder = entry instanceof Entry.Folder;
      return globs.stream().anyMatch(each -> each.matches(path, isFolder));
    };
  }

  /// An archive's line comes before its first entry.
  private final class Lines {
    private final ArchiveInfo archive;
    private final boolean isBehindAnother;
    private boolean isTold;

    Lines(ArchiveInfo archive, boolean isBehindAnother) {
      this.archive = archive;
      this.isBehindAnother = isBehindAnother;
    }

    void tell(Entry entry) {
      if (json.isWanted()) {
        output.terminal().print(EntryLine.json(entry, archive));
      } else {
        if (!isTold) {
          output
              .terminal()
              .print(
                  (isBehindAnother ? "\n" : "")
                      + "archive %s  %s  %s"
                          .formatted(
                              archive.id(),
                              Instant.ofEpochMilli(archive.committedMillis()),
                              archive.name()));
        }
        output.terminal().print(isLong ? EntryLine.detailed(entry) : EntryLine.path(entry));
      }
      isTold = true;
    }
  }
}
