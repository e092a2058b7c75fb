package org.holdfast.cli;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Host;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.client.archive.RootContent.Unreadable;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.Sealer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Keeps files and folders in a new archive.
@Command(
    name = "backup",
    description = "Back files and folders up, as a new archive.",
    footer = {
      "",
      "Only what has changed is read, and only what is new is sent. A backup that is interrupted"
          + " is",
      "gone on with by the next one: nothing is sent twice.",
      "",
      "Exit code 3 says that the archive is there, without some files that could not be read.",
      "",
      "Examples:",
      "  holdfast backup ~/documents ~/photos",
      "  holdfast backup --name before-upgrade --tag system / --json"
    })
final class BackupCommand implements Callable<Integer> {
  /// Files that could not be read and are named on the terminal; the archive's root names more.
  private static final int NAMED_MAX = 20;

  private final Surroundings surroundings;

  @Mixin private final KeyOptions keys;
  @Mixin private final Output output;
  @Mixin private final JsonOption json = new JsonOption();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The archive's name; the machine's and the time if there is none.")
  private @Nullable String name;

  @Option(
      names = "--tag",
      paramLabel = "TAG",
      description = "A word to find the archive by; may be repeated.")
  private List<String> tags = List.of();

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "What to back up.")
  private List<String> paths = List.of();

  BackupCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    List<byte[]> roots = SourcePaths.existing(paths, surroundings.arguments());
    KeyFile keyFile = keys.open();
    keyFile.keys().write();
    BackupProgress progress = new BackupProgress();
    BackupSummary summary;
    try (Link link = new Links(surroundings).write(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      Backup backup =
          new Backup(
              link.session(),
              keyFile,
              keys.cacheFolder().resolve("machines").resolve(keyFile.machineId().toString()),
              surroundings.clock(),
              surroundings.spawner(),
              surroundings.random(),
              progress);
      summary = run(backup, roots, options(keyFile), progress, keyFile, link.session());
    }
    report(summary);
    return summary.unreadable() > 0 ? ExitCode.UNREADABLE_FILES : ExitCode.DONE;
  }

  private BackupSummary run(
      Backup backup,
      List<byte[]> roots,
      BackupOptions options,
      BackupProgress progress,
      KeyFile keyFile,
      Session session)
      throws HoldfastException, IOException, Failure {
    BackupLines lines = new BackupLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return backup.run(roots, options);
    } catch (HoldfastException | IOException e) {
      if (surroundings.signals().isStopped()) {
        throw new Failure(
            ExitCode.INTERRUPTED,
            "interrupted: what was sent is kept; the same command goes on with it",
            e);
      }
      if (progress.newBytes() > 0 && isCommitted(session, keyFile)) {
        throw new Failure(
            ExitCode.FAILED_AFTER_CHANGE,
            "the archive is kept, but the command failed after that: " + Failures.line(e),
            e);
      }
      throw e;
    }
  }

  /// A backup that has stored something has an open transaction until it is committed.
  private static boolean isCommitted(Session session, KeyFile keyFile) {
    try {
      return session.state(keyFile.machineId()).open() == null;
    } catch (HoldfastException e) {
      return false;
    }
  }

  private BackupOptions options(KeyFile keyFile) {
    Instant now =
        Instant.ofEpochMilli(surroundings.clock().wallMillis()).truncatedTo(ChronoUnit.SECONDS);
    return new BackupOptions(
        name == null ? keyFile.machine() + "-" + now : name,
        tags,
        "",
        Host.name(),
        System.getProperty("user.name", ""),
        Program.NAME,
        Sealer.DEFAULT_LEVEL);
  }

  private void report(BackupSummary summary) {
    for (Unreadable each :
        summary.named().subList(0, Math.min(NAMED_MAX, summary.named().size()))) {
      output.warn("not read: /" + PathText.print(each.path().toArray()) + ": " + each.reason());
    }
    if (summary.unreadable() > NAMED_MAX) {
      output.warn("not read: " + (summary.unreadable() - NAMED_MAX) + " more");
    }
    if (json.isWanted()) {
      output.terminal().print(json(summary));
      return;
    }
    if (output.isQuiet()) {
      return;
    }
    output.terminal().print("archive   " + summary.root() + "  " + summary.name());
    output
        .terminal()
        .print(
            "files     %d (%d unchanged), folders %d, others %d"
                .formatted(
                    summary.files(),
                    summary.unchangedFiles(),
                    summary.folders(),
                    summary.others()));
    output
        .terminal()
        .print(
            "bytes     %s, stored %s in %d blocks"
                .formatted(
                    Failures.bytes(summary.bytes()),
                    Failures.bytes(summary.newBytes()),
                    summary.newBlocks()));
    output.terminal().print("time      %.2f s".formatted(summary.millis() / 1000.0));
    if (summary.resumed()) {
      output.say("went on with a backup that was interrupted");
    }
    if (summary.changedWhileRead() > 0) {
      output.say(summary.changedWhileRead() + " files changed while they were read");
    }
  }

  private static String json(BackupSummary summary) {
    return new JsonLine("summary")
        .with("archive", summary.root().toString())
        .with("name", summary.name())
        .with("sequence", summary.sequence())
        .with("files", summary.files())
        .with("folders", summary.folders())
        .with("others", summary.others())
        .with("bytes", summary.bytes())
        .with("bytes_stored", summary.newBytes())
        .with("blocks_stored", summary.newBlocks())
        .with("files_unchanged", summary.unchangedFiles())
        .with("files_changed_while_read", summary.changedWhileRead())
        .with("files_unreadable", summary.unreadable())
        .with("sockets_skipped", summary.socketsSkipped())
        .with("resumed", summary.resumed())
        .with("duration_millis", summary.millis())
        .end();
  }
}
