package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.cli.link.Link;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;

/// Deletes archives that a command has chosen, or says what that would come to, and tells.
///
/// @param remembers whether roots that were found good before need not be read again
record Deleting(
    Surroundings surroundings, Output output, boolean json, boolean dryRun, boolean remembers) {
  /// `folder` is the machine's part of the cache.
  Deletion.Freed run(
      Link link, KeyFile keyFile, Path folder, Deletion.Choice choice, boolean endBackup)
      throws HoldfastException, IOException, Failure {
    TidyProgress progress = new TidyProgress();
    DeleteLines lines = new DeleteLines(progress, surroundings.clock());
    try (TidyCatalog catalog = catalog(link, keyFile, folder);
        Ticker _ = Ticker.start(surroundings, output, json, lines)) {
      Deletion deletion =
          new Deletion(
              link.session(),
              keyFile.machineId(),
              catalog,
              folder,
              surroundings.random(),
              progress);
      try {
        return dryRun ? deletion.plan(choice) : deletion.run(choice, endBackup);
      } catch (HoldfastException | IOException e) {
        throw DeleteFailure.of(surroundings, e, deletion.wasDone());
      }
    }
  }

  private TidyCatalog catalog(Link link, KeyFile keyFile, Path folder) throws HoldfastException {
    return remembers
        ? TidyCatalog.open(link.session(), keyFile, folder, surroundings.random())
        : TidyCatalog.open(link.session(), keyFile);
  }

  /// Says what was deleted, or would be.
  void tell(Deletion.Freed freed) {
    if (json) {
      output.terminal().print(json(freed));
      return;
    }
    if (output.isQuiet()) {
      return;
    }
    if (freed.archives().isEmpty()) {
      output.terminal().print("nothing to delete");
      return;
    }
    output
        .terminal()
        .print(
            "%s  %d %s: %d blocks that nothing else needs, %s"
                .formatted(
                    dryRun ? "would delete" : "deleted",
                    freed.archives().size(),
                    freed.archives().size() == 1 ? "archive" : "archives",
                    freed.blocks(),
                    freed.chunks() == 0
                        ? "none of them with content of files"
                        : "some "
                            + Failures.bytes(freed.bytes())
                            + " if those with content are of the usual size"));
    if (!dryRun) {
      output
          .terminal()
          .print(
              "until    %s `holdfast undelete %s` brings all of it back"
                  .formatted(
                      Instant.ofEpochMilli(freed.untilMillis()),
                      freed.archives().getFirst().toString().substring(0, 12)));
    }
  }

  private String json(Deletion.Freed freed) {
    JsonLine line =
        new JsonLine("summary")
            .with("dry_run", dryRun)
            .with("archives", freed.archives().stream().map(BlockName::toString).toList())
            .with("archives_left", freed.left())
            .with("blocks", freed.blocks())
            .with("bytes_estimated", freed.bytes());
    if (freed.untilMillis() > 0) {
      line.with("undelete_until", Instant.ofEpochMilli(freed.untilMillis()).toString());
    }
    return line.end();
  }
}
