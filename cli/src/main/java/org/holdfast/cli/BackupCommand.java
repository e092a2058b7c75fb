package org.holdfast.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.BucketMeter;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failure;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Host;
import org.holdfast.cli.console.JsonOption;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Program;
import org.holdfast.cli.console.SourcePaths;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.cli.console.Ticker;
import org.holdfast.cli.link.Link;
import org.holdfast.cli.link.Links;
import org.holdfast.cli.link.ServiceAddress;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.PathText;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
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
          + " is"
          + " gone on with by the next one: nothing is sent twice.",
      "",
      "Exit code 3 says that the archive is there, without some files that could not be read.",
      "",
      "Examples:",
      "  holdfast backup ~/documents ~/photos",
      "  holdfast backup --name before-upgrade --tag system --one-file-system / --json"
    })
final class BackupCommand implements Callable<Integer> {
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

  @Option(
      names = "--retention-tag",
      paramLabel = "TAG",
      description = "What `retain` groups archives by; the host's name if there is none.")
  private @Nullable String retentionTag;

  @Option(
      names = "--one-file-system",
      description = "Leave folders empty on which another file system is mounted.")
  private boolean oneFileSystem;

  @Option(
      names = "--compression",
      paramLabel = "LEVEL",
      converter = CompressionLevel.class,
      description =
          "How well to compress: `none`, or zstd's 1 (fastest) to 19 (smallest); "
              + Sealer.DEFAULT_LEVEL
              + " if not given. What does not compress is found out, and kept as it is. Higher"
              + " levels take more memory: 19 up to 50 MB for each processor.")
  private int compression = Sealer.DEFAULT_LEVEL;

  @Parameters(arity = "1..*", paramLabel = SourcePaths.LABEL, description = "What to back up.")
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
    BackupScope scope = BackupScope.of(roots, ownFolders(keyFile), oneFileSystem);
    BackupOptions options = options(keyFile);
    options.check();
    sayWhichAreSymlinks(roots);
    BackupProgress progress = new BackupProgress();
    BackupSummary summary;
    Optional<BucketMeter.Report> asked;
    try (Link link = new Links(surroundings).write(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      Backup backup =
          new Backup(
              link.session(),
              keyFile,
              PosixTree::open,
              keys.machineFolder(keyFile),
              surroundings.clock(),
              surroundings.spawner(),
              Spawner.platform(),
              surroundings.random(),
              progress);
      summary = run(backup, scope, options, progress);
      asked = link.asked();
    }
    new BackupReport(output, json.isWanted()).tell(summary, asked);
    return summary.unreadable() > 0 ? ExitCode.UNREADABLE_FILES : ExitCode.DONE;
  }

  private BackupSummary run(
      Backup backup, BackupScope scope, BackupOptions options, BackupProgress progress)
      throws HoldfastException, IOException, Failure {
    BackupLines lines = new BackupLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      return backup.run(scope, options);
    } catch (HoldfastException | IOException e) {
      if (surroundings.signals().isStopped()) {
        throw new Failure(
            ExitCode.INTERRUPTED,
            "interrupted: what was sent is kept; the same command goes on with it",
            e);
      }
      throw failure(e, backup.outcome());
    }
  }

  private static Failure failure(Exception cause, Backup.Outcome outcome) {
    String line = Failures.line(cause);
    return switch (outcome) {
      case NOT_BEGUN -> new Failure(Failures.exitCode(cause), line, cause);
      case NO_ARCHIVE ->
          new Failure(
              Failures.exitCode(cause),
              "no archive was made, run it again to go on with what was sent: " + line,
              cause);
      case ARCHIVE ->
          new Failure(
              ExitCode.FAILED_AFTER_CHANGE,
              "the archive is kept, but the command failed after that: " + line,
              cause);
      case UNKNOWN ->
          new Failure(
              Failures.exitCode(cause),
              "whether the archive was made is not known, run it again: " + line,
              cause);
    };
  }

  private void sayWhichAreSymlinks(List<byte[]> roots)
      throws HoldfastException, FileAccessException {
    for (byte[] root : roots) {
      if (SourcePaths.isSymlink(root)) {
        output.say(
            PathText.print(root)
                + " is a symlink: it is kept, and not what it leads to; name that");
      }
    }
  }

  /// The cache, and the bucket if that is a folder: what is in them changes with each backup.
  private List<byte[]> ownFolders(KeyFile keyFile) throws HoldfastException, Failure {
    List<Path> folders = new ArrayList<>(List.of(keys.cacheFolder()));
    for (String service : keyFile.services()) {
      if (ServiceAddress.parse(service)
          instanceof ServiceAddress.Inside(BucketAddress.Directory(Path folder))) {
        folders.add(folder);
      }
    }
    return folders.stream()
        .map(folder -> folder.normalize().toString().getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  private BackupOptions options(KeyFile keyFile) {
    Instant now =
        Instant.ofEpochMilli(surroundings.clock().wallMillis()).truncatedTo(ChronoUnit.SECONDS);
    return new BackupOptions(
        name == null ? keyFile.machine() + "-" + now : name,
        tags,
        retentionTag == null ? Host.name() : retentionTag,
        Host.name(),
        System.getProperty("user.name", ""),
        Program.NAME,
        compression,
        Runtime.getRuntime().availableProcessors());
  }
}
