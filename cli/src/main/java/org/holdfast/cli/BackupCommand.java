package org.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
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
import org.holdfast.client.backup.Survey;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.seal.KeyFile;
import org.holdfast.seal.KeyFileReading;
import org.holdfast.seal.Sealer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
      "In patterns * is any characters of a name, ? one, [a-z] one of these, ** any folders. One"
          + " that begins with / begins at the root, others anywhere; one that ends with / matches"
          + " folders only.",
      "",
      "Examples:",
      "  holdfast backup ~/documents ~/photos",
      "  holdfast backup --name before-upgrade --tag system --one-file-system / --json",
      "  holdfast backup -e '*.o' -e /home/ann/scratch --exclude-caches -n -v /home",
      "  holdfast backup --stdin-name db.sql --stdin-from-command -- pg_dumpall",
      "  find /srv -name '*.conf' -print0 | holdfast backup --files-from - -0"
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
      names = "--compression",
      paramLabel = "LEVEL",
      converter = CompressionLevel.class,
      description =
          "How well to compress: `none`, or zstd's 1 (fastest) to 19 (smallest); "
              + Sealer.DEFAULT_LEVEL
              + " if not given. What does not compress is found out, and kept as it is. Higher"
              + " levels take more memory: 19 up to 50 MB for each processor.")
  private int compression = Sealer.DEFAULT_LEVEL;

  @Option(
      names = {"-n", "--dry-run"},
      description =
          "Only look: say what would be kept, and with -v name it. Needs no key and no service.")
  private boolean isDryRun;

  @Mixin private final RootOptions roots = new RootOptions();
  @Mixin private final SelectionOptions selection = new SelectionOptions();
  @Mixin private final StreamOptions stream = new StreamOptions();

  BackupCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
    this.keys = new KeyOptions(surroundings);
    this.output = new Output(surroundings.terminal());
  }

  @Override
  public Integer call() throws HoldfastException, IOException, Failure {
    if (stream.isWanted()) {
      return backUpStream();
    }
    List<byte[]> paths = roots.paths(surroundings.arguments());
    Exclusions exclusions = selection.exclusions(surroundings.arguments());
    roots.sayWhichAreSymlinks(paths, output);
    if (isDryRun) {
      return look(paths, exclusions);
    }
    KeyFile keyFile = keys.open();
    keyFile.keys().write();
    BackupScope scope = BackupScope.of(paths, ownFolders(keyFile.services()), exclusions);
    return backUp(keyFile, scope, PosixTree::open);
  }

  private int backUpStream() throws HoldfastException, IOException, Failure {
    if (isDryRun) {
      throw new RefusedException("of a stream there is nothing to look at: leave --dry-run out");
    }
    if (roots.isElsewhere()) {
      throw new RefusedException(
          "a stream is all of an archive: leave --files-from and -C out, or back paths up by"
              + " another command");
    }
    KeyFile keyFile = keys.open();
    keyFile.keys().write();
    BackupScope scope = BackupScope.of(List.of(stream.path()), List.of(), Exclusions.NONE);
    StreamOptions.Source source = stream.open(roots.words(), surroundings);
    try (InputStream _ = source.stream()) {
      return backUp(keyFile, scope, source.place());
    }
  }

  private int backUp(KeyFile keyFile, BackupScope scope, SourceTree.Place place)
      throws HoldfastException, IOException, Failure {
    BackupOptions options = options(keyFile);
    options.check();
    BackupProgress progress = new BackupProgress();
    BackupSummary summary;
    Optional<BucketMeter.Report> asked;
    try (Link link = new Links(surroundings).write(keyFile, keys.cacheFolder())) {
      surroundings.whenStopped(link::breakOff);
      Backup backup =
          new Backup(
              link.session(),
              keyFile,
              place,
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

  private int look(List<byte[]> paths, Exclusions exclusions) throws HoldfastException, Failure {
    BackupScope scope = BackupScope.of(paths, ownFolders(knownServices()), exclusions);
    BackupProgress progress = new BackupProgress();
    SurveyReport report = new SurveyReport(output, json.isWanted());
    Survey.Result result;
    BackupLines lines = new BackupLines(progress, surroundings.clock());
    try (Ticker _ = Ticker.start(surroundings, output, json.isWanted(), lines)) {
      result = new Survey(scope, PosixTree::open, progress).run(report::tell);
    }
    report.tell(result);
    return result.unreadable() > 0 ? ExitCode.UNREADABLE_FILES : ExitCode.DONE;
  }

  /// Those of the key file, if there is one that can be read as it is.
  private List<String> knownServices() throws Failure {
    try {
      return switch (keys.look(keys.path())) {
        case KeyFileReading.Open open -> open.file().services();
        case KeyFileReading.PassphraseNeeded needed -> needed.header().services();
        case KeyFileReading.PassphraseWrong wrong -> wrong.header().services();
      };
    } catch (HoldfastException | Failure e) {
      return List.of();
    }
  }

  /// The cache, and the bucket if that is a folder: what is in them changes with each backup.
  private List<byte[]> ownFolders(List<String> services) throws HoldfastException, Failure {
    List<Path> folders = new ArrayList<>(List.of(keys.cacheFolder()));
    for (String service : services) {
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
