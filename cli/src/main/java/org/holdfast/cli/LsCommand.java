package org.holdfast.cli;

import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.catalog.PageReader;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Lists what is in an archive.
@Command(
    name = "ls",
    description = "List what is in an archive, or below a path in it.",
    footer = {
      "",
      "Bytes of a path that a terminal cannot show are printed as \\xHH, and are accepted so too.",
      "",
      "Examples:",
      "  holdfast ls latest",
      "  holdfast ls -l latest:/etc"
    })
final class LsCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = {"-l", "--long"},
      description = "Modes, owners, sizes, times and links too.")
  private boolean isLong;

  @Parameters(paramLabel = "ARCHIVE[:PATH]", description = "Which archive, and what in it.")
  private String archive = "";

  LsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, Failure {
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      ArchivePart part = reading.list().resolve(archive);
      list(reading, reading.catalog().read(part.archive()), part.path());
      return reading.isWhole() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private void list(ArchiveReading reading, Archive found, ArchivePath subtree)
      throws HoldfastException {
    PageReader reader = PageReader.of(reading.catalog().blocks(), found, subtree);
    boolean any = subtree.isRoot();
    for (PageReader.Step step = reader.next(); step != null; step = reader.next()) {
      switch (step) {
        case PageReader.Found(Entry entry) -> {
          if (subtree.contains(entry.path()) && isFirstPart(entry)) {
            any = true;
            show(entry);
          }
        }
        case PageReader.Lost lost -> reading.lost(lost);
      }
    }
    if (!any && reading.isWhole()) {
      throw new RefusedException(
          "there is no such path in archive %s: `holdfast ls %s` lists what is there"
              .formatted(found.info().name(), found.info().id()));
    }
  }

  private static boolean isFirstPart(Entry entry) {
    return !(entry instanceof Entry.RegularFile file) || file.offset() == 0;
  }

  private void show(Entry entry) {
    if (json.isWanted()) {
      output.terminal().print(EntryLine.json(entry));
      return;
    }
    output.terminal().print(isLong ? EntryLine.detailed(entry) : EntryLine.path(entry));
  }
}
