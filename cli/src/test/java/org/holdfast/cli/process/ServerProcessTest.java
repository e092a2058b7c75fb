package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.holdfast.core.Folders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real server and real clients, killed and told to stop at inconvenient moments.
final class ServerProcessTest {
  /// Of the epoch in which a service's first server writes.
  private static final Pattern SEGMENT = Pattern.compile("00000000-00000002-[0-9a-f]{16}");

  @TempDir Path home;
  private Program program;

  /// For the backups and restores that are large.
  private Program moving;

  private Program.Running server;

  @BeforeEach
  void startServer() throws Exception {
    program = new Program(home);
    moving = program.movingMuch();
    configure(0);
    server = serve();
    configure(port());
  }

  @AfterEach
  void killServer() throws Exception {
    server.process().destroyForcibly().waitFor();
  }

  @Test
  void aServerIsOperatedOverItsSocketAndStopsWhenTold() throws Exception {
    operate("account", "open", "acme").succeeds();
    operate("account", "open", "acme").fails(1, "acme already");
    assertThat(operate("account", "list").succeeds().last()).endsWith("acme");
    operate("invite", "nobody").fails(1, "no account nobody");
    assertThat(operate("status", "--json").succeeds().last()).contains("\"digest\":\"");
    operate("serve").fails(11, "stop it first");
    operate("rebuild").fails(11, "stop it first");
    register("m");
    assertThat(operate("machine", "list").succeeds().last()).contains(" m ").endsWith("of acme");
    operate("machine", "move", "m", "globex").fails(1, "no account globex");
    operate("machine", "move", "m", "acme").fails(1, "of account acme already");
    operate("machine", "move", "other", "acme").fails(1, "no machine of this service");
    operate("machine", "move", "m").fails(1, "ACCOUNT");
    operate("account", "open", "globex").succeeds();
    assertThat(operate("machine", "move", "m", "globex").succeeds().last())
        .endsWith("which was of account acme, is of account globex");
    assertThat(operate("machine", "list").succeeds().last()).endsWith("of globex");
    server.signal("TERM");
    assertThat(server.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.process().exitValue()).isZero();
    program.run("archives").fails(10, "cannot reach the server");
    assertThat(operate("rebuild", "--compare").succeeds().last())
        .contains("the old index says the same");
    server = serve();
    program.run("archives").succeeds();
  }

  /// R38, R41: beside the server, and when it is gone.
  @Test
  void aDrillProvesThatTheIndexCanBeMadeAndAnEstimateRestsOnIt() throws Exception {
    assertThat(operate("estimate").succeeds().output())
        .anyMatch(line -> line.startsWith("rests on  no drill, so on guesses"));
    register("m");
    makeFiles(5);
    program.run("backup", "files").succeeds();
    assertThat(operate("drill").succeeds().last())
        .matches("made \\d+ records of \\d+ segments .*; the running server's state is the same");
    assertThat(home.resolve("state/drill")).doesNotExist();
    assertThat(operate("status").succeeds().output())
        .anyMatch(line -> line.matches("drill +\\d+ s ago, \\d+ records, .* a second, equal"));
    assertThat(operate("estimate", "--json").succeeds().last())
        .contains("\"drilled\":true", "\"read_one_at_a_time\":false", "\"gets\":");
    server.process().destroyForcibly().waitFor();
    operate("drill", "--scratch", "elsewhere").fails(1, "there is no folder", "elsewhere");
    Files.createDirectory(home.resolve("elsewhere"));
    assertThat(operate("drill", "--scratch", "elsewhere", "--json").succeeds().last())
        .contains("\"result\":\"proven\"");
    assertThat(home.resolve("elsewhere/drill")).doesNotExist();
    try (var objects = Files.walk(home.resolve("bucket"))) {
      Path some =
          objects.filter(path -> path.toString().endsWith("-0000000000000002")).findAny().get();
      Files.move(some, home.resolve("lost"));
    }
    Program.Outcome failed = operate("drill");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.last()).startsWith("THE STATE CANNOT BE MADE FROM THE BUCKET: ");
    assertThat(Files.readAllLines(home.resolve("state/drills"))).hasSize(3);
    assertThat(operate("estimate").succeeds().output())
        .anyMatch(line -> line.matches("rests on  the drill of .* ago"));
  }

  @Test
  void anInviteWorksOnceAndForItsMachine() throws Exception {
    operate("account", "open", "acme").succeeds();
    String token = operate("invite", "acme", "--machine", "web").succeeds().last();
    init("other", token, "k1").fails(1, "for a machine named web");
    init("web", token, "k1").succeeds();
    init("web", token, "k2").fails(1, "used already");
    assertThat(home.resolve("k2")).doesNotExist();
    assertThat(home.resolve("k2.unfinished")).doesNotExist();
    operate("invite", "acme", "--expires", "0").fails(1, "at least a minute");
    operate("invite", "acme", "--expires", "soon").fails(1, "--expires");
    init("web", token.substring(0, 40), "k3").fails(1, "not whole");
    program.run("archives", "--keyfile", "k1").succeeds();
  }

  @Test
  void aServerWithAnotherKeyIsRefused() throws Exception {
    register("m");
    String token = operate("invite", "acme").succeeds().last();
    int port = port();
    server.process().destroyForcibly().waitFor();
    Files.move(home.resolve("bucket"), home.resolve("bucket.old"));
    Files.move(home.resolve("state"), home.resolve("state.old"));
    Files.move(home.resolve("service.secrets"), home.resolve("secrets.old"));
    configure(port);
    server = serve();
    program.run("archives").fails(1, "shows another key than the one in your key file");
    init("n", token, "k").fails(1, "shows another key than the one in the invite", "ask its");
    assertThat(home.resolve("k.unfinished")).doesNotExist();
  }

  /// R47: with the service gone, its state, its secrets and the machine's cache too.
  @Test
  void theBucketAndAReadKeyAreEnoughToRestore() throws Exception {
    register("m");
    makeFiles(20);
    program.run("backup", "--name", "one", "files").succeeds();
    program.run("backup", "--name", "two", "files").succeeds();
    derive("read", "reader");
    derive("write", "writer");
    server.process().destroyForcibly().waitFor();
    Files.delete(home.resolve("service.secrets"));
    Files.move(home.resolve("state"), home.resolve("gone"));
    Files.move(home.resolve("bucket"), home.resolve("copy"));
    String files = "one:" + home + "/files";
    Program.Outcome restored = fromBucket("reader", "restore", files, "--target", "back");
    assertThat(restored.succeeds().errors().getFirst()).contains("nobody vouches for the list");
    checkRestored(20);
    moving
        .run("restore", files, "--target", "no", "--keyfile", "reader")
        .fails(10, "cannot reach the server");
    assertThat(fromBucket("reader", "archives").succeeds().output()).hasSize(2);
    assertThat(fromBucket("reader", "archives", "-q").succeeds().errors()).isEmpty();
    assertThat(fromBucket("reader", "ls", "latest").succeeds().output()).isNotEmpty();
    fromBucket("writer", "restore", "one", "--target", "no").fails(1, "right to read");
    Files.createDirectories(home.resolve("empty/.tmp"));
    program
        .run("restore", "one", "--target", "no", "--from-bucket", "dir:empty")
        .fails(10, "there is no log in this bucket");
    program.run("restore", "one", "--target", "no", "--from-bucket", "bucket").fails(1, "dir:PATH");
    Files.move(home.resolve("copy"), home.resolve("first"));
    server = serve();
    Program.Outcome other =
        program.run("restore", "one", "--target", "no", "--from-bucket", "dir:bucket");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.errors().getLast()).contains("dir:", "holds nothing of the machine");
  }

  /// R47: by post, from the bucket alone, and restored when there is neither.
  @Test
  void anExportAndAReadKeyAreEnoughToRestore() throws Exception {
    register("m");
    makeFiles(20);
    moving.run("backup", "--name", "one", "files").succeeds();
    derive("read", "reader");
    init("other", operate("invite", "acme").succeeds().last(), "k2").succeeds();
    program.run("backup", "--keyfile", "k2", "port").succeeds();
    // Beside the server, which then goes, and all it had with it.
    assertThat(operate("machine", "export", "m", "--to", "copy", "--json").succeeds().last())
        .contains("\"message_type\":\"summary\"", "\"name\":\"m\"", "\"archives\":1")
        .contains("\"damaged_objects\":0", "\"blocks_lost\":0");
    operate("machine", "export", "m", "--to", "copy").fails(1, "is not empty");
    operate("machine", "export", "nobody", "--to", "no").fails(1, "machine list");
    server.process().destroyForcibly().waitFor();
    delete("state");
    assertThat(operate("machine", "export", "other", "--to", "second").succeeds().last())
        .startsWith("exported  other (");
    assertThat(home.resolve("state")).isEmptyDirectory();
    delete("bucket");
    Files.delete(home.resolve("service.secrets"));
    String files = "latest:" + home + "/files";
    fromBucket("reader", "restore", files, "--target", "back").succeeds();
    checkRestored(20);
    assertThat(fromBucket("k2", "archives").exitCode()).isEqualTo(1);
    Files.createFile(home.resolve("copy/export-unfinished"));
    fromBucket("reader", "restore", files, "--target", "no").fails(10, "never finished");
    operate("machine", "export", "m", "--to", "third").fails(1, "service secrets");
  }

  private void delete(String folder) throws Exception {
    Folders.delete(home.resolve(folder));
  }

  private void derive(String right, String keyFile) throws Exception {
    program.run("key", "derive", "--rights", right, "--out", keyFile, "--no-passphrase").succeeds();
  }

  /// With an empty cache.
  private Program.Outcome fromBucket(String keyFile, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--from-bucket", "dir:copy", "--keyfile", keyFile, "--cache", "elsewhere"));
    return moving.run(all.toArray(String[]::new));
  }

  @Test
  void anInitIsFinishedByRepeatingIt() throws Exception {
    operate("account", "open", "acme").succeeds();
    String token = operate("invite", "acme").succeeds().last();
    server.process().destroyForcibly().waitFor();
    init("m", token, "k").fails(10, "repeat this command", "k.unfinished");
    assertThat(home.resolve("k")).doesNotExist();
    server = serve();
    Program.Outcome again = init("m", token, "k").succeeds();
    assertThat(again.errors().getFirst()).contains("going on");
    assertThat(home.resolve("k.unfinished")).doesNotExist();
    program.run("archives", "--keyfile", "k").succeeds();
  }

  @Test
  void aKilledServerLosesNothingThatItAcknowledged() throws Exception {
    register("m");
    makeFiles(120);
    Program.Running backup = moving.start("backup", "--json", "--name", "one", "files");
    backup.until(() -> durableBytes() > 20 << 20);
    server.process().destroyForcibly().waitFor();
    assertThat(backup.end().exitCode()).isEqualTo(10);
    assertThat(backup.errors()).hasSize(1);
    server = serve();
    String summary = moving.run("backup", "--json", "--name", "one", "files").succeeds().last();
    assertThat(summary).contains("\"resumed\":true");
    moving.run("restore", "latest:" + home + "/files", "--target", "back").succeeds();
    checkRestored(120);
  }

  @Test
  void aBackupTellsItsStatusAndStopsCleanlyOnSignals() throws Exception {
    register("m");
    makeFiles(120);
    Program.Running backup = moving.start("backup", "--json", "files");
    backup.until(() -> stored(backup) > 0);
    server.signal("STOP");
    backup.signal("USR1");
    backup.until(() -> !backup.errors().isEmpty());
    assertThat(backup.errors().getFirst()).contains(" file", " stored");
    backup.signal("INT");
    Program.Outcome interrupted = backup.end();
    assertThat(interrupted.exitCode()).isEqualTo(130);
    assertThat(interrupted.errors()).hasSize(2);
    assertThat(interrupted.errors().getLast()).contains("interrupted");
    server.signal("CONT");
    assertThat(moving.run("backup", "--json", "files").succeeds().last())
        .contains("\"resumed\":true");
  }

  @Test
  void aRestoreThatIsInterruptedIsGoneOnWith() throws Exception {
    register("m");
    makeFiles(100);
    moving.run("backup", "files").succeeds();
    Program.Running restore =
        moving.start("restore", "latest:" + home + "/files", "--target", "back", "--json");
    restore.until(() -> Files.exists(home.resolve("back")));
    restore.signal("TERM");
    Program.Outcome interrupted = restore.end();
    assertThat(interrupted.exitCode()).isIn(0, 130);
    moving.run("restore", "latest:" + home + "/files", "--target", "back", "--resume").succeeds();
    checkRestored(100);
  }

  @Test
  void anObjectThatIsLostStopsBackupsUntilItIsBack() throws Exception {
    register("m");
    makeFiles(1);
    program.run("backup", "files").succeeds();
    Path lost = largestObject();
    Files.createDirectories(home.resolve("others"));
    Files.writeString(home.resolve("others/one"), "one");
    program.run("backup", "others").succeeds();
    assertThat(operate("status", "--json").succeeds().last())
        .contains("\"backups\":\"taken\"", "\"damaged_objects\":0")
        .containsPattern("\"bucket_puts\":[1-9]");
    Path away = Files.move(lost, home.resolve("away"));
    assertThat(program.run("restore", "latest~1", "--target", "t1").exitCode()).isEqualTo(1);
    String key = home.resolve("bucket").relativize(lost).toString();
    program.run("backup", "others").fails(1, "backups are stopped, restores go on", key);
    program.run("restore", "latest", "--target", "t2").succeeds();
    assertThat(operate("status").succeeds().output())
        .anyMatch(line -> line.startsWith("backups ") && line.contains(key));
    assertThat(server.errors().stream().filter(line -> line.contains("backups are stopped")))
        .singleElement()
        .asString()
        .contains(key);
    Files.move(away, lost);
    server.until(
        () -> operate("status", "--json").succeeds().last().contains("\"backups\":\"taken\""));
    program.run("backup", "others").succeeds();
    program.run("restore", "latest~2", "--target", "t3").succeeds();
  }

  /// What outlives the server: the segments before the first one that is not yet in the bucket.
  private long durableBytes() throws Exception {
    TreeMap<Long, Long> lengths = new TreeMap<>();
    try (var files = Files.walk(home.resolve("bucket/log"))) {
      for (Path file : files.filter(each -> SEGMENT.matcher(name(each)).matches()).toList()) {
        lengths.put(Long.parseLong(name(file).substring(18), 16), Files.size(file));
      }
    }
    long bytes = 0;
    for (long next = 1; lengths.containsKey(next); next++) {
      bytes += lengths.get(next);
    }
    return bytes;
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  private Path largestObject() throws Exception {
    try (var files = Files.walk(home.resolve("bucket/log"))) {
      return files
          .filter(Files::isRegularFile)
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  private void checkRestored(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      assertThat(Files.mismatch(home.resolve("files/" + i), home.resolve("back/" + i)))
          .isEqualTo(-1);
    }
  }

  private void makeFiles(int count) throws Exception {
    Files.createDirectories(home.resolve("files"));
    SplittableRandom random = new SplittableRandom(count);
    byte[] content = new byte[1 << 20];
    for (int i = 0; i < count; i++) {
      random.nextBytes(content);
      Files.write(home.resolve("files/" + i), content);
    }
  }

  private static long stored(Program.Running backup) throws Exception {
    String text = Files.readString(backup.out());
    int at = text.lastIndexOf("\"bytes_stored\":");
    String digits = at < 0 ? "" : text.substring(at + 15).replaceFirst("(?s)\\D.*", "");
    return digits.isEmpty() ? 0 : Long.parseLong(digits);
  }

  private void configure(int port) throws Exception {
    Files.writeString(
        home.resolve("server.conf"),
        "bucket = dir:bucket\nstate = state\nsecrets = service.secrets\nlisten = 127.0.0.1:"
            + port
            + "\n");
  }

  private int port() throws Exception {
    return Integer.parseInt(Files.readString(home.resolve("port")).strip());
  }

  private Program.Running serve() throws Exception {
    Files.deleteIfExists(home.resolve("port"));
    Program.Running running =
        program.serving().start("serve", "--config", "server.conf", "--port-file", "port");
    running.until(() -> Files.exists(home.resolve("port")));
    return running;
  }

  private Program.Outcome operate(String... words) throws Exception {
    return program.with("HOLDFAST_CONFIG", home.resolve("server.conf").toString()).run(words);
  }

  private void register(String machine) throws Exception {
    if (operate("account", "list").succeeds().output().isEmpty()) {
      operate("account", "open", "acme").succeeds();
    }
    String token = operate("invite", "acme").succeeds().last();
    program
        .run("init", "--service", "127.0.0.1:" + port(), "--invite", token, "--machine", machine)
        .succeeds();
  }

  private Program.Outcome init(String machine, String token, String keyFile) throws Exception {
    return program.run(
        "init",
        "--service",
        "127.0.0.1:" + port(),
        "--invite",
        token,
        "--machine",
        machine,
        "--keyfile",
        keyFile);
  }
}
