package org.holdfast.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.Entry;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.restore.FailedEntry;
import org.holdfast.client.restore.Preview;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.client.tar.FileContent;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Writes an archive, or a part of it, into a folder.
@Command(
    name = "restore",
    description = "Restore an archive, or a part of it, into a folder.",
    footer = {
      "",
      "A whole archive is restored with its full paths below the target; a folder in it with what "
          + "it holds; a single file under its name. Nothing outside the target is touched.",
      "",
      "Examples:",
      "  holdfast restore latest --target /tmp/back",
      "  holdfast restore latest:/home/me/photos --target ./photos",
      "  holdfast restore web1-2026-02-01 --target /tmp/back --include /etc/nginx",
      "  holdfast restore latest -e '*.iso' --strip-components 2 --dry-run -v",
      "  holdfast restore latest:/var/db.sql --stdout | psql",
      "  holdfast restore latest --target /tmp/back --from-bucket s3://backups"
    })
final class RestoreCommand implements Callable<Integer> {
  /// Enough to keep a disk busy while other threads wait for it.
  private static final int THREADS = 4;

  private static final int NAMED_MAX = 20;
  private static final int BUFFER_BYTES = 256 << 10;

  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Parameters(paramLabel = "ARCHIVE[:PATH]", description = "Which archive, and what in it.")
  private String archive = "";

  @Option(
      names = SourcePaths.TARGET,
      paramLabel = "DIR",
      description = "Where to; an empty folder, or none yet.")
  private @Nullable String target;

  @Option(names = "--stdout", description = "Write the one file to standard output instead.")
  private boolean stdout;

  @Option(
      names = {"-n", "--dry-run"},
      description = "Only say what would be restored; with -v each entry.")
  private boolean dryRun;

  @Mixin private final WantedOptions options = new WantedOptions();

  RestoreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    if (stdout && (target != null || dryRun)) {
      throw new RefusedException(
          "--stdout writes one file and nothing else: leave --target and --dry-run out");
    }
    if (!stdout && target == null && !dryRun) {
      throw new RefusedException(
          "--target is missing; see holdfast restore --help, or say --stdout for one file");
    }
    try (ArchiveReading reading = ArchiveReading.open(surroundings, keys, source, output)) {
      ArchivePart part = reading.list().resolve(archive);
      RestoreOptions wanted = options.of(part.path(), surroundings.arguments());
      Archive found = reading.catalog().read(part.archive());
      if (stdout) {
        return write(reading, found, part.path());
      }
      if (dryRun) {
        return preview(reading, found, wanted);
      }
      RestoreSummary summary = restore(reading, found, wanted);
      report(summary);
      if (summary.files() + summary.folders() + summary.others() + summary.kept() == 0
          && summary.isComplete()
          && !wanted.patterns().isAll()) {
        throw new RefusedException("no entry matches: `holdfast ls` lists what is there");
      }
      return summary.isComplete() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private int write(ArchiveReading reading, Archive found, ArchivePath path)
      throws HoldfastException, IOException {
    AtomicBoolean isWhole = new AtomicBoolean(true);
    try (OutputStream out = new BufferedOutputStream(output.terminal().data(), BUFFER_BYTES)) {
      FileContent.write(
          reading.catalog().blocks(),
          found,
          path,
          out,
          reason -> {
            isWhole.set(false);
            output.warn("/" + PathText.print(path.toArray()) + ": " + reason);
          });
    }
    return isWhole.get() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private int preview(ArchiveReading reading, Archive found, RestoreOptions wanted)
      throws HoldfastException {
    Preview seen = Preview.of(reading.catalog().blocks(), found, wanted, this::show, reading::lost);
    if (json.isWanted()) {
      output
          .terminal()
          .print(
              new JsonLine("summary")
                  .with("dry_run", true)
                  .with("files", seen.files())
                  .with("folders", seen.folders())
                  .with("others", seen.others())
                  .with("bytes", seen.bytes())
                  .end());
    } else {
      output
          .terminal()
          .print(
              "would restore  %d files, %d folders, %d others, %s; nothing was written"
                  .formatted(
                      seen.files(), seen.folders(), seen.others(), Failures.bytes(seen.bytes())));
    }
    return reading.isWhole() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void show(Entry entry) {
    if (output.isVerbose()) {
      output.terminal().print(json.isWanted() ? EntryLine.json(entry) : EntryLine.path(entry));
    }
  }

  private RestoreSummary restore(ArchiveReading reading, Archive found, RestoreOptions wanted)
      throws HoldfastException, IOException, Failure {
    byte[] folder =
        SourcePaths.absolute(surroundings.arguments().bytesOf(Objects.requireNonNull(target)));
    RestoreProgress progress = new RestoreProgress();
    RestoreLines lines = new RestoreLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return new Restore(
              reading.catalog().blocks(),
              found,
              () -> PosixTarget.open(folder),
              wanted,
              progress,
              surroundings.clock(),
              Spawner.platform(),
              THREADS)
          .run();
    } catch (HoldfastException | IOException e) {
      if (surroundings.signals().isStopped()) {
        throw new Failure(
            ExitCode.INTERRUPTED, "interrupted: the same command with --resume goes on with it", e);
      }
      throw e;
    }
  }

  private void report(RestoreSummary summary) {
    if (!summary.isComplete()) {
      reportFailed(summary);
    }
    summary
        .shortfalls()
        .forEach((shortfall, count) -> output.say(count + " entries: " + shortfall.text()));
    if (json.isWanted()) {
      output.terminal().print(json(summary));
    } else if (!output.isQuiet()) {
      output
          .terminal()
          .print(
              "restored  %d files, %d folders, %d others, %s in %.2f s%s"
                  .formatted(
                      summary.files(),
                      summary.folders(),
                      summary.others(),
                      Failures.bytes(summary.bytes()),
                      summary.millis() / 1000.0,
                      summary.kept() > 0 ? " (" + summary.kept() + " were there)" : ""));
    }
  }

  private void reportFailed(RestoreSummary summary) {
    long named = 0;
    for (FailedEntry each :
        summary.failed().subList(0, Math.min(NAMED_MAX, summary.failed().size()))) {
      output.warn("not restored: /" + PathText.print(each.path().toArray()) + ": " + each.reason());
      named += each.entries();
    }
    if (summary.failedCount() > named) {
      output.warn("not restored: " + (summary.failedCount() - named) + " more");
    }
    output.warn(
        "holdfast: the restore is not complete (entries missing: "
            + summary.failedCount()
            + "): once the cause is gone, the same command with --resume restores them");
  }

  private static String json(RestoreSummary summary) {
    return new JsonLine("summary")
        .with("files", summary.files())
        .with("folders", summary.folders())
        .with("others", summary.others())
        .with("bytes", summary.bytes())
        .with("files_kept", summary.kept())
        .with("entries_failed", summary.failedCount())
        .with("shortfalls", summary.shortfalls().values().stream().mapToLong(Long::longValue).sum())
        .with("duration_millis", summary.millis())
        .end();
  }
}
