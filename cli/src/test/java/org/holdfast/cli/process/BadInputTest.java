package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each bad input gives one clear line, its exit code, and nothing half-done.
final class BadInputTest {
  @TempDir static Path kept;

  @TempDir Path home;
  private Program program;

  /// A service in a folder, with one archive of one file.
  @BeforeAll
  static void makeService() throws Exception {
    Program program = new Program(kept);
    byte[] content = new byte[1 << 20];
    new SplittableRandom(7).nextBytes(content);
    Files.createDirectories(kept.resolve("files"));
    Files.write(kept.resolve("files/big"), content);
    program.run("init", "--service", "dir:" + kept.resolve("bucket"), "--machine", "m").succeeds();
    program.run("backup", "--name", "one", "files").succeeds();
  }

  @BeforeEach
  void copyKey() throws Exception {
    program = new Program(home);
    copy(kept.resolve(".config"), home.resolve(".config"));
  }

  @Test
  void misuse() throws Exception {
    program.run().fails(1, "a command is missing");
    program.run("frob", "x").fails(1, "there is no command 'frob'; see holdfast --help");
    program.run("ls", "a", "b").fails(1, "'b' is one argument too many; see holdfast ls --help");
    program.run("backup").fails(1, "PATH", "backup --help");
    program.run("restore", "latest").fails(1, "--target is missing; see");
    program.run("backup", "--frobnicate", ".").fails(1, "has no option --frobnicate; see");
    program.run("key").fails(1, "a command is missing");
    program
        .run("init", "--service", "nowhere", "--machine", "m", "--keyfile", "k")
        .fails(1, "HOST:PORT");
    program
        .run("init", "--service", "s3://b", "--machine", "m", "--keyfile", "k")
        .fails(1, "'s3://b' does not name a bucket in S3: write s3://BUCKET");
    program.run("status").fails(1, "--config");
    program.run("retain", "--keep-daily").fails(1, "the value of --keep-daily is missing; see");
    program.run("retain", "--keep-last", "99999999999").fails(1, "999999 at most");
    program
        .run("invite", "a", "--expires", "x", "--config", "c")
        .fails(1, "'x' is no whole number");
    program
        .run("init", "--service", "nowhere", "--machine", "m", "--keyfile", "k")
        .fails(1, "s3://BUCKET[/PREFIX]");
    program.run("undelete", "--list", "5622").fails(1, "give it alone");
    for (String level : List.of("0", "20", "-1", "x")) {
      program
          .run("backup", "--compression=" + level, ".")
          .fails(1, level + " is no level: say none, or a number from 1 to 19");
    }
    program.run("backup", "--compression").fails(1, "the value of --compression is missing; see");
    program
        .run("status", "--config", home.toString())
        .fails(1, "the config file " + home + " cannot be read: Is a directory");
  }

  @Test
  void foldersThatAreMistypedAreNotMade() throws Exception {
    Path config = home.resolve("config");
    Files.writeString(
        config, "bucket = dir:bucket\nstate = state\nsecrets = secrets\nlisten = 127.0.0.1:0\n");
    program
        .run("drill", "--config", config.toString(), "--scratch", "nowhere")
        .fails(1, "there is no folder " + home.resolve("nowhere"));
    program.run("bucket", "probe", "dir:nowhere").fails(1, "there is no folder");
    assertThat(home.resolve("nowhere")).doesNotExist();
  }

  @Test
  void namesThatAreNoUtf8AreRefused() throws Exception {
    Program latin =
        new Program(
            home,
            List.of("sh", "-c", "exec \"$@\" \"$(printf 'caf\\351')\"", "sh"),
            System.getProperty("java.class.path"));
    String files = kept.resolve("files").toString();
    latin.run("backup", files, "--name").fails(1, "--name is not UTF-8");
    latin.run("backup", files, "--tag").fails(1, "--tag is not UTF-8");
    latin
        .run("init", "--service", "dir:made", "--keyfile", "k", "--machine")
        .fails(1, "--machine is not UTF-8");
    latin.run("backup").fails(1, "No such file");
    assertThat(home.resolve("made")).doesNotExist();
  }

  @Test
  void valuesThatAreEmptyAreRefusedBeforeAnythingIsDone() throws Exception {
    program.run("archives", "--cache", "").fails(1, "--cache has an empty value; see");
    program.run("archives", "--keyfile=").fails(1, "--keyfile has an empty value");
    program.run("ls", "").fails(1, "ARCHIVE[:PATH] has an empty value");
    program
        .run("init", "--service", "dir:made", "--machine", "", "--keyfile", "k")
        .fails(1, "--machine has an empty value");
    String long65 = "m".repeat(65);
    program
        .run("init", "--service", "dir:made", "--machine", long65, "--keyfile", "k")
        .fails(1, "64");
    assertThat(home.resolve("made")).doesNotExist();
    assertThat(home.resolve("k")).doesNotExist();
    assertThat(home.resolve("k.unfinished")).doesNotExist();
  }

  @Test
  void aKeyFileOfAFolderSaysThatItHoldsTheLogKey() throws Exception {
    Program.Outcome derived = program.run("key", "derive", "--rights", "write", "--out", "w");
    assertThat(derived.succeeds().errors()).anyMatch(line -> line.contains("log key"));
  }

  @Test
  void keyFilesThatAreMissingDamagedOrThereAlready() throws Exception {
    Path key = home.resolve(".config/holdfast/key");
    byte[] good = Files.readAllBytes(key);
    program.run("archives", "--keyfile", "none").fails(1, "no key file at none");
    program.run("init", "--service", "dir:other", "--machine", "m").fails(1, "already");
    assertThat(home.resolve("other")).doesNotExist();
    for (int at : new int[] {3, good.length / 3, good.length - 5}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(key, bad);
      program.run("archives").fails(1, "key");
    }
    Files.write(key, java.util.Arrays.copyOf(good, good.length / 2));
    program.run("archives").fails(1, "damaged");
  }

  @Test
  void aFolderThatIsGoneOrTaken() throws Exception {
    program
        .run(
            "init",
            "--service",
            "dir:" + kept.resolve("bucket"),
            "--machine",
            "x",
            "--keyfile",
            "k")
        .fails(1, "use the key file that was made with it");
    assertThat(home.resolve("k")).doesNotExist();
    Program away = new Program(home);
    Files.writeString(home.resolve("empty"), "");
    away.run("init", "--service", "dir:" + home.resolve("b"), "--machine", "m", "--keyfile", "k")
        .succeeds();
    Files.move(home.resolve("b"), home.resolve("b2"));
    away.run("archives", "--keyfile", "k").fails(10, "b");
    away.run("backup", "--keyfile", "k", "empty").fails(10, "b");
  }

  @Test
  void archivesAndPathsThatAreNotThere() throws Exception {
    program.run("ls", "nothing").fails(1, "there is no archive nothing");
    String id = program.run("archives").succeeds().last().substring(0, 3);
    program.run("ls", id).fails(1, "an id has 4 or more digits");
    program.run("ls", "latest~5").fails(1, "latest~5");
    program.run("ls", "latest:/no/such").fails(1, "no such path");
    program.run("ls", "latest:/a/../b").fails(1, "..");
    program.run("restore", "latest:/no/such", "--target", "t").fails(1, "no such path");
    program.run("restore", "latest", "--target", "t2", "--include", "../x").fails(1, "..");
    program.run("backup", "no-such-file").fails(1, "no-such-file");
    Files.createSymbolicLink(home.resolve("link"), Path.of("/usr/bin"));
    program.run("backup", "link/../lib").fails(1, "symlink");
    assertThat(program.run("archives").succeeds().output()).hasSize(1);
  }

  @Test
  void targetsThatAreNotEmptyOrNotWritable() throws Exception {
    Path full = Files.createDirectories(home.resolve("full"));
    Files.writeString(full.resolve("mine"), "mine");
    program.run("restore", "latest", "--target", "full").fails(1, "not empty");
    assertThat(full.resolve("mine")).hasContent("mine");
    program.run("restore", "latest", "--target", "/proc/holdfast").fails(1, "/proc/holdfast");
    program.run("restore", "latest", "--target", "full/mine/below").fails(1, "full/mine");
  }

  @Test
  void anAmbiguousName() throws Exception {
    copy(kept.resolve("bucket"), home.resolve("bucket"));
    Program own = new Program(home);
    own.run("init", "--service", "dir:" + home.resolve("own"), "--machine", "m", "--keyfile", "k")
        .succeeds();
    for (int i = 0; i < 2; i++) {
      own.run("backup", "--name", "same", "--keyfile", "k", ".config").succeeds();
    }
    own.run("ls", "same", "--keyfile", "k").fails(1, "2 archives are meant by same");
  }

  @Test
  void aServerThatIsNotThere() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String token = "hfi1_nonsense";
    program
        .run("init", "--service", "127.0.0.1:" + port, "--machine", "m", "--keyfile", "k")
        .fails(1, "invite");
    program
        .run(
            "init",
            "--service",
            "127.0.0.1:" + port,
            "--machine",
            "m",
            "--keyfile",
            "k",
            "--invite",
            token)
        .fails(1, "invite is not whole");
    Files.writeString(
        home.resolve("server.conf"), "bucket = dir:b\nstate = s\nsecrets = x\nlisten = h:1\n");
    program.run("status", "--config", "server.conf").fails(10, "no server listens");
    program.run("serve", "--config", "none").fails(1, "no config file");
    Files.writeString(home.resolve("bad.conf"), "buckets = dir:b\n");
    program.run("serve", "--config", "bad.conf").fails(1, "buckets");
    program
        .run("serve", "--config", "server.conf")
        .fails(1, "all else", "has room for", "HOLDFAST_JAVA_OPTS=-Xmx896m");
    assertThat(home.resolve("b")).doesNotExist();
  }

  @Test
  void aBucketThatIsDamagedIsNoticedWhereverItIs() throws Exception {
    List<Path> segments = segments(kept.resolve("bucket"));
    Path largest = segments.stream().max(Comparator.comparingLong(this::size)).orElseThrow();
    byte[] good = Files.readAllBytes(largest);
    try {
      for (int at : new int[] {0, 40, good.length / 2, good.length - 1}) {
        byte[] bad = good.clone();
        bad[at] ^= 0x10;
        Files.write(largest, bad);
        checkNoticed("bit " + at);
      }
      Files.write(largest, java.util.Arrays.copyOf(good, good.length - 1000));
      checkNoticed("truncated");
      Files.delete(largest);
      checkNoticed("missing");
    } finally {
      Files.write(largest, good);
    }
    assertThat(program.run("restore", "latest", "--target", "good").succeeds().errors()).isEmpty();
  }

  /// Whether the bucket is read for the first time or not: what is damaged is never given back.
  private void checkNoticed(String what) throws Exception {
    Path target = home.resolve("out-" + what.replace(' ', '-'));
    Program.Outcome outcome = program.run("restore", "latest", "--target", target.toString());
    assertThat(outcome.exitCode()).as(what).isEqualTo(1);
    assertThat(outcome.errors()).as(what).isNotEmpty().noneMatch(line -> line.startsWith("\tat "));
    assertThat(target.resolve(kept.resolve("files/big").toString().substring(1)))
        .as(what)
        .doesNotExist();
  }

  private long size(Path file) {
    try {
      return Files.size(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<Path> segments(Path bucket) throws Exception {
    try (var files = Files.walk(bucket.resolve("log"))) {
      return new ArrayList<>(files.filter(Files::isRegularFile).toList());
    }
  }

  private static void copy(Path from, Path to) throws Exception {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
