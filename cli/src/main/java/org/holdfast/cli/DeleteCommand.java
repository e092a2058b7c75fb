package org.holdfast.cli;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.link.Link;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.core.HoldfastException;
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
          + " the key file can also read. What is deleted can be brought back for a while: see"
          + " `undelete`.",
      "",
      "As long as an archive is there that cannot be read, nothing else is deleted, as nobody"
          + " knows what it needs. Ask the service's operator; then give it up with --unreadable.",
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
      description =
          "Give archives up that cannot be read, or not all of them, named by their ids. What is"
              + " known of their blocks and needed by no other archive is deleted; the rest stays,"
              + " unused.")
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
    Deleting deleting =
        new Deleting(surroundings, output, json.isWanted(), options.isDryRun(), !unreadable);
    try (Link link = options.open(surroundings, keyFile, keys)) {
      Deletion.Freed freed =
          deleting.run(
              link, keyFile, keys.machineFolder(keyFile), this::chosen, options.endsBackup());
      deleting.tell(freed);
    }
    return ExitCode.DONE;
  }

  Deletion.Chosen chosen(TidyList list) throws HoldfastException {
    if (unreadable) {
      return list.giveUp(archives);
    }
    Set<TidyArchive> chosen = new LinkedHashSet<>();
    for (String each : archives) {
      chosen.add(list.select(each));
    }
    return Deletion.Chosen.of(chosen);
  }
}
