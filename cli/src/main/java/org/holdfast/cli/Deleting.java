package org.holdfast.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.cli.link.Link;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.core.HoldfastException;
import org.holdfast.seal.KeyFile;

/// Deletes archives that a command has chosen, or says what that would come to, and tells.
record Deleting(Surroundings surroundings, Output output, boolean json, boolean dryRun) {
  /// `folder` is the machine's part of the cache.
  Deletion.Freed run(
      Link link, KeyFile keyFile, Path folder, Deletion.Choice choice, boolean endBackup)
      throws HoldfastException, IOException, Failure {
    TidyProgress progress = new TidyProgress();
    DeleteLines lines = new DeleteLines(progress, surroundings.clock());
    try (TidyCatalog catalog = TidyCatalog.open(link.session(), keyFile);
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
        throw failure(e, deletion.wasDone());
      }
    }
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
            "%s  %d %s: %d blocks that nothing else needs, about %s"
                .formatted(
                    dryRun ? "would delete" : "deleted",
                    freed.archives().size(),
                    freed.archives().size() == 1 ? "archive" : "archives",
                    freed.blocks(),
                    Failures.bytes(freed.bytes())));
    if (!dryRun) {
      output
          .terminal()
          .print(
              "until    %s `holdfast undelete %s` brings all of it back"
                  .formatted(
                      Instant.ofEpochMilli(freed.untilMillis()), freed.archives().getFirst().id()));
    }
  }

  private String json(Deletion.Freed freed) {
    JsonLine line =
        new JsonLine("summary")
            .with("dry_run", dryRun)
            .with("archives", freed.archives().stream().map(Deleting::name).toList())
            .with("archives_left", freed.list().archives().size() - freed.archives().size())
            .with("blocks", freed.blocks())
            .with("bytes_estimated", freed.bytes());
    if (freed.untilMillis() > 0) {
      line.with("undelete_until", Instant.ofEpochMilli(freed.untilMillis()).toString());
    }
    return line.end();
  }

  private static String name(TidyArchive archive) {
    return archive.root().toString();
  }

  private Failure failure(Exception cause, Optional<Boolean> done) {
    String line = Failures.line(cause);
    if (surroundings.signals().isStopped() && !done.equals(Optional.of(true))) {
      String what =
          done.isPresent()
              ? "interrupted: nothing was deleted"
              : "interrupted: `holdfast undelete --list` shows whether anything was deleted";
      return new Failure(ExitCode.INTERRUPTED, what, cause);
    }
    if (done.isEmpty()) {
      return new Failure(
          Failures.exitCode(cause),
          "whether anything was deleted is not known, see `holdfast undelete --list`: " + line,
          cause);
    }
    return done.get()
        ? new Failure(
            ExitCode.FAILED_AFTER_CHANGE,
            "the archives are deleted, but the command failed after that: " + line,
            cause)
        : new Failure(Failures.exitCode(cause), line, cause);
  }
}
