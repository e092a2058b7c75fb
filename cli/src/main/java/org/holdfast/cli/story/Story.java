package org.holdfast.cli.story;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.cli.console.ExitCode;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Surroundings;
import org.holdfast.client.tree.Comparison;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// What happens to somebody's backups when their server's disk is lost, from the first backup to
/// the last comparison. Each step throws if it does not hold.
final class Story {
  /// New data of the third backup: enough that the server can be killed in its middle.
  private static final long CHANGED_BYTES = 192L << 20;

  /// How much of it is in the bucket when the server is killed.
  private static final double KILLED_AT = 0.5;

  /// How much of what is in the bucket may not count, since a segment before it is missing: what a
  /// server has in flight at most.
  private static final long IN_FLIGHT_BYTES = 64L << 20;

  /// What an unchanged backup may store, besides a hundredth of the first: its own head and keys.
  private static final long UNCHANGED_BYTES = 1L << 20;

  /// On a machine so fast that a backup ends before it is killed, the next try has twice the data.
  private static final int KILLS_MAX = 3;

  private static final String UNREADABLE = "files_unreadable";

  /// Files that could not be read and are named.
  private static final int NAMED_MAX = 5;

  private static final long POLL_MILLIS = 5;

  /// A server that begins in an empty bucket probes it first, with two thousand requests.
  private static final long READY_MILLIS = 300_000;

  private static final long STOP_MILLIS = 60_000;
  private static final String MACHINE = "this-machine";

  private final Surroundings surroundings;
  private final Output output;
  private final Workplace place;
  private final Children children;
  private final Table table;

  Story(Surroundings surroundings, Output output, Workplace place, Children children, Table table) {
    this.surroundings = surroundings;
    this.output = output;
    this.place = place;
    this.children = children;
    this.table = table;
  }

  /// Answers how many files this user may not read, which therefore had no part in it.
  long tell(List<String> paths) throws HoldfastException, IOException {
    table.begin("start a server, register this machine");
    place.writeConfig(0);
    Child server = serve();
    place.writeConfig(place.port());
    register();
    table.end("");

    long stored = firstBackup(paths);
    unchangedBackup(paths, stored);
    Interrupted interrupted = interruptedBackup(server, paths);
    Child again = rebuild(interrupted.server);
    long unreadable = resumedBackup(paths, interrupted);
    restore(paths, unreadable);
    writeOnly();
    stop(again);
    return unreadable;
  }

  private Child serve() throws HoldfastException, IOException {
    Files.deleteIfExists(place.portFile());
    Child server =
        children.startServer(
            List.of(
                "serve",
                "--config",
                place.config().toString(),
                "--port-file",
                place.portFile().toString()));
    long start = surroundings.clock().nanos();
    while (!Files.exists(place.portFile())) {
      if (!server.isRunning()) {
        throw server.failed(server.await());
      }
      if (elapsedMillis(start) > READY_MILLIS) {
        throw new RefusedException("the server is not ready after five minutes");
      }
      pause();
    }
    return server;
  }

  private void register() throws HoldfastException, IOException {
    String config = place.config().toString();
    children.start(List.of("account", "open", "home", "--config", config)).succeed();
    String invite =
        children.start(List.of("invite", "home", "--config", config)).succeed().getFirst();
    children
        .start(
            List.of(
                "init",
                "--service",
                "127.0.0.1:" + place.port(),
                "--invite",
                invite,
                "--machine",
                MACHINE,
                "--keyfile",
                place.key().toString()))
        .succeed();
  }

  private long firstBackup(List<String> paths) throws HoldfastException, IOException {
    table.begin("back up");
    Map<String, String> summary = finish(backup("first", paths));
    long stored = number(summary, "bytes_stored");
    long unreadable = number(summary, UNREADABLE);
    table.end(
        number(summary, "files"),
        number(summary, "bytes"),
        stored,
        unreadable == 0 ? "" : unreadable + " files or folders that this user may not read");
    return stored;
  }

  private void unchangedBackup(List<String> paths, long firstStored)
      throws HoldfastException, IOException {
    table.begin("back up again, unchanged");
    Map<String, String> summary = finish(backup("second", paths));
    long stored = number(summary, "bytes_stored");
    if (stored > UNCHANGED_BYTES + firstStored / 100) {
      throw new RefusedException(
          "a backup of what has not changed stored "
              + Failures.bytes(stored)
              + ": either the paths are being written to, or this is a defect");
    }
    table.end(
        number(summary, "files"),
        number(summary, "bytes"),
        stored,
        number(summary, "files_unchanged") + " files not read");
  }

  private Interrupted interruptedBackup(Child first, List<String> paths)
      throws HoldfastException, IOException {
    Child server = first;
    long changedBytes = CHANGED_BYTES;
    for (int attempt = 1; attempt <= KILLS_MAX; attempt++) {
      table.begin("SIGKILL the server in a third backup");
      place.makeChanges(changedBytes);
      long before = place.bucketBytes();
      long killAt = before + (long) (changedBytes * KILLED_AT);
      Child client = backup("third-" + attempt, withChanges(paths));
      while (client.isRunning() && place.bucketBytes() < killAt) {
        table.progress(client.lastLine());
        pause();
      }
      server.kill();
      server.await();
      long kept = place.bucketBytes() - before;
      int exitCode = client.await();
      if (!isBackedUp(exitCode)) {
        checkEnded(client, exitCode);
        table.end(
            client.lastLine().isEmpty() ? 0 : number(Child.fields(client.lastLine()), "files"),
            changedBytes,
            kept,
            "backup ended with exit code " + exitCode);
        return new Interrupted(server, "third-" + attempt, changedBytes, kept);
      }
      table.end("the backup was faster: once more with twice the data");
      changedBytes *= 2;
      server = serve();
    }
    throw new RefusedException("this machine is too fast to interrupt a backup of its own");
  }

  /// It must have said why, in one line.
  private static void checkEnded(Child client, int exitCode) throws RefusedException {
    if (exitCode != ExitCode.NO_SERVICE || client.errors().size() != 1) {
      throw client.failed(exitCode);
    }
  }

  private Child rebuild(Child killed) throws HoldfastException, IOException {
    table.begin("delete its disk, rebuild from the bucket");
    killed.kill();
    place.loseState();
    List<String> said =
        children
            .start(List.of("rebuild", "--config", place.config().toString(), "--json"))
            .succeed();
    Map<String, String> summary = Child.fields(said.getLast());
    table.end(number(summary, "records") + " records");
    table.begin("start the server again");
    Child server = serve();
    table.end("");
    return server;
  }

  private long resumedBackup(List<String> paths, Interrupted interrupted)
      throws HoldfastException, IOException {
    table.begin("the same backup, resumed");
    Map<String, String> summary = finish(backup(interrupted.name, withChanges(paths)));
    if (!"true".equals(summary.get("resumed"))) {
      throw new RefusedException("the backup began anew: what had been sent was lost");
    }
    long stored = number(summary, "bytes_stored");
    long most = interrupted.changedBytes - interrupted.keptBytes + IN_FLIGHT_BYTES;
    if (stored > most) {
      throw new RefusedException(
          "the backup sent "
              + Failures.bytes(stored)
              + " again, where at most "
              + Failures.bytes(most)
              + " were missing");
    }
    table.end(
        number(summary, "files"),
        number(summary, "bytes"),
        stored,
        Failures.bytes(interrupted.keptBytes) + " were there already");
    return number(summary, UNREADABLE);
  }

  private void restore(List<String> paths, long unreadable) throws HoldfastException, IOException {
    table.begin("restore with a key that can only read");
    String readKey = derive("read");
    Child child =
        children.start(
            List.of(
                "restore",
                "latest",
                "--target",
                place.target().toString(),
                "--json",
                "--keyfile",
                readKey));
    Map<String, String> summary = finish(child);
    table.end(number(summary, "files"), number(summary, "bytes"), -1, "");
    table.begin("compare content and metadata");
    Comparison all = Comparison.NONE;
    for (String path : withChanges(paths)) {
      all = all.plus(new Proofs(surroundings).compare(path, place.target()));
    }
    judge(all, unreadable);
    table.end(
        all.entries(),
        all.bytes(),
        -1,
        unreadable == 0 ? "equal" : "equal, but for what this user may not read");
  }

  /// What this user may not read must be what the backup has said so of.
  private void judge(Comparison all, long unreadable) throws RefusedException {
    if (all.differenceCount() > 0) {
      all.differences().forEach(output::warn);
      throw new RefusedException(
          all.differenceCount()
              + " differences between the paths and what was restored; the first are above");
    }
    all.unreadable().stream().limit(NAMED_MAX).forEach(line -> output.warn("left out: " + line));
    if (all.unreadableCount() > NAMED_MAX) {
      output.warn("left out: " + (all.unreadableCount() - NAMED_MAX) + " more");
    }
    if (all.unreadableCount() != unreadable) {
      throw new RefusedException(
          "the backup could not read %d files, and %d are missing of those that this user may not"
                  .formatted(unreadable, all.unreadableCount())
              + " read: either the paths are being written to, or this is a defect");
    }
  }

  private void writeOnly() throws HoldfastException, IOException {
    table.begin("read with a key that can only write");
    String writeKey = derive("write");
    var target = place.folder().resolve("stolen");
    for (List<String> words :
        List.of(
            List.of("archives", "--keyfile", writeKey),
            List.of("restore", "latest", "--target", target.toString(), "--keyfile", writeKey))) {
      Child child = children.start(words);
      int exitCode = child.await();
      if (exitCode != ExitCode.FAILED || place.hasEntries(target)) {
        throw new RefusedException("a key that can only write has read something");
      }
    }
    new Proofs(surroundings).checkServerRefuses(Path.of(writeKey));
    table.end("refused by the program and by the server");
  }

  private void stop(Child server) throws HoldfastException, IOException {
    table.begin("SIGTERM, compare its index with the log");
    server.stop();
    if (!server.endsWithin(STOP_MILLIS)) {
      throw new RefusedException("the server does not stop when told to");
    }
    server.succeed();
    children
        .start(List.of("rebuild", "--compare", "--config", place.config().toString()))
        .succeed();
    table.end("digests are equal");
  }

  private String derive(String right) throws HoldfastException, IOException {
    String file = place.folder().resolve(right + ".key").toString();
    children
        .start(
            List.of(
                "key",
                "derive",
                "--rights",
                right,
                "--out",
                file,
                "--keyfile",
                place.key().toString()))
        .succeed();
    return file;
  }

  private Child backup(String name, List<String> paths) throws HoldfastException, IOException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("backup", "--name", name, "--json"));
    words.addAll(List.of("--keyfile", place.key().toString(), "--"));
    words.addAll(paths);
    return children.start(words);
  }

  /// Waits for a command's end, and answers the fields of its last line.
  private Map<String, String> finish(Child child) throws HoldfastException {
    while (!child.endsWithin(200)) {
      Map<String, String> status = Child.fields(child.lastLine());
      table.progress(
          status.getOrDefault("files", status.getOrDefault("entries", "0"))
              + " files  "
              + Failures.bytes(number(status, "bytes")));
    }
    int exitCode = child.await();
    if (!isBackedUp(exitCode)) {
      throw child.failed(exitCode);
    }
    return Child.fields(child.lastLine());
  }

  /// Nothing else than a backup ends with the second of these.
  private static boolean isBackedUp(int exitCode) {
    return exitCode == ExitCode.DONE || exitCode == ExitCode.UNREADABLE_FILES;
  }

  private List<String> withChanges(List<String> paths) {
    List<String> all = new ArrayList<>(paths);
    all.add(place.changed().toString());
    return all;
  }

  private static long number(Map<String, String> fields, String name) {
    String value = fields.getOrDefault(name, "0");
    return value.matches("\\d{1,18}") ? Long.parseLong(value) : 0;
  }

  private void pause() throws RefusedException {
    try {
      surroundings.clock().sleepMillis(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("interrupted", e);
    }
  }

  private long elapsedMillis(long startNanos) {
    return (surroundings.clock().nanos() - startNanos) / 1_000_000;
  }

  /// A backup that was cut off.
  ///
  /// @param keptBytes of it that are in the bucket
  private record Interrupted(Child server, String name, long changedBytes, long keptBytes) {}
}
