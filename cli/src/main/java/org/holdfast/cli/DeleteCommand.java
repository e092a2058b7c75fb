package org.holdfast.cli;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Right;
import org.holdfast.seal.KeyFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Deletes archives.
@Command(
    name = "delete",
    description = "Delete archives, and what no other archive needs.",
    footer = {
      "",
      "Needs the right to tidy. Archives are chosen as `holdfast archives` says; by name only if"
          + " the",
      "key file can also read. What is deleted can be brought back for a while: see `undelete`.",
      "",
      "As long as an archive is there that cannot be read, nothing else is deleted, as nobody"
          + " knows",
      "what it needs. Ask the service's operator; then give it up with --unreadable.",
      "",
      "Examples:",
      "  holdfast delete before-upgrade",
      "  holdfast delete --dry-run latest~3 5f0c91d2ab34"
    })
final class DeleteCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();
  @Mixin private final DeleteOptions options = new DeleteOptions();

  @Option(
      names = "--unreadable",
      description = {
        "Give archives up that cannot be read, or not all of them, named by their ids. What is"
            + " known",
        "of their blocks and needed by no other archive is deleted; the rest stays, unused."
      })
  private boolean unreadable;

  @Parameters(arity = "1..*", paramLabel = "ARCHIVE", description = "What to delete.")
  private List<String> archives = List.of();

  DeleteCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    KeyFile keyFile = keys.open();
    keyFile.keys().tidy();
    Deleting deleting = new Deleting(surroundings, output, json.isWanted(), options.isDryRun());
    try (Link link = options.open(surroundings, keyFile, keys)) {
      Optional<Set<BlockName>> named = named(link, keyFile);
      Deletion.Freed freed =
          deleting.run(
              link,
              keyFile,
              keys.machineFolder(keyFile),
              list -> chosen(list, named),
              options.endsBackup());
      deleting.tell(freed);
    }
    return ExitCode.DONE;
  }

  /// The archives meant, if the key can read names.
  private Optional<Set<BlockName>> named(Link link, KeyFile keyFile)
      throws HoldfastException, Failure {
    if (unreadable || !keyFile.keys().rights().contains(Right.READ)) {
      return Optional.empty();
    }
    Set<BlockName> roots = new LinkedHashSet<>();
    try (Catalog catalog = Catalog.open(link.session(), keyFile)) {
      ArchiveList list = catalog.list(keys.seen(keyFile));
      for (String each : archives) {
        roots.add(list.select(each).root());
      }
    }
    return Optional.of(roots);
  }

  Deletion.Chosen chosen(TidyList list, Optional<Set<BlockName>> named) throws HoldfastException {
    if (unreadable) {
      return list.giveUp(archives);
    }
    Set<TidyArchive> chosen = new LinkedHashSet<>();
    if (named.isPresent()) {
      for (BlockName root : named.get()) {
        chosen.add(list.select(root.toString()));
      }
      return Deletion.Chosen.of(chosen);
    }
    for (String each : archives) {
      chosen.add(list.select(each));
    }
    return Deletion.Chosen.of(chosen);
  }
}
