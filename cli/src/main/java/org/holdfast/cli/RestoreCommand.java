package org.holdfast.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.cli.link.Link;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.catalog.Archive;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.ArchivePart;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.restore.FailedEntry;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.restore.RestoreSummary;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.PosixTarget;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.seal.KeyFile;
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
      "  holdfast restore latest --target /tmp/back --from-bucket s3://backups"
    })
final class RestoreCommand implements Callable<Integer> {
  /// Enough to keep a disk busy while other threads wait for it.
  private static final int THREADS = 4;

  private static final int NAMED_MAX = 20;

  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final SourceOption source;
  @Mixin private final JsonOption json = new JsonOption();

  @Parameters(paramLabel = "ARCHIVE[:PATH]", description = "Which archive, and what in it.")
  private String archive = "";

  @Option(
      names = SourcePaths.TARGET,
      required = true,
      paramLabel = "DIR",
      description = "Where to; an empty folder, or none yet.")
  private String target = "";

  @Option(
      names = "--include",
      paramLabel = "P",
      description = "Only this path of the archive and what is below it; may be repeated.")
  private List<String> includes = List.of();

  @Option(names = "--resume", description = "Go on with a restore that was interrupted.")
  private boolean resume;

  @Option(names = "--numeric-ids", description = "Restore owners by number, not by name.")
  private boolean numericIds;

  RestoreCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
    this.source = new SourceOption(surroundings, output);
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    KeyFile keyFile = keys.open();
    keyFile.keys().read();
    RestoreSummary summary;
    try (Link link = source.open(keyFile, keys.cacheFolder());
        Catalog catalog =
            Catalog.open(
                link.session(), keyFile, keys.machineFolder(keyFile), surroundings.random())) {
      surroundings.whenStopped(link::breakOff);
      ArchiveList list = catalog.list(keys.seen(keyFile));
      list.warnings().forEach(output::warn);
      ArchivePart part = list.resolve(archive);
      summary = run(catalog, catalog.read(part.archive()), part.path());
    }
    report(summary);
    return summary.isComplete() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private RestoreSummary run(Catalog catalog, Archive found, ArchivePath subtree)
      throws HoldfastException, IOException, Failure {
    List<ArchivePath> wanted = new ArrayList<>();
    for (String include : includes) {
      wanted.add(ArchiveList.path(include));
    }
    byte[] folder = SourcePaths.absolute(surroundings.arguments().bytesOf(target));
    RestoreProgress progress = new RestoreProgress();
    RestoreLines lines = new RestoreLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return new Restore(
              catalog.blocks(),
              found,
              () -> PosixTarget.open(folder),
              new RestoreOptions(subtree, wanted, resume, numericIds),
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
