package org.holdfast.cli.process;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.SPARSE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program on a folder without a server, as a person or a script uses it.
final class ProgramTest {
  @TempDir Path home;
  private Program program;

  @BeforeEach
  void makeFiles() throws Exception {
    program = new Program(home);
    Path files = Files.createDirectories(home.resolve("files/sub"));
    Files.writeString(files.resolve("b"), "second");
    Files.writeString(files.resolveSibling("a"), "first");
  }

  @Test
  void whatIsBackedUpIsListedAndComesBack() throws Exception {
    init().succeeds();
    String summary =
        program.run("backup", "--name", "one", "--tag", "t", "--json", "files").succeeds().last();
    assertThat(summary)
        .contains("\"message_type\":\"summary\"", "\"archive\":\"", "\"files\":2", "\"bytes\":11")
        .contains("\"bytes_stored\":");
    Program.Outcome archives = program.run("archives", "--json").succeeds();
    assertThat(archives.output()).hasSize(1);
    assertThat(archives.last()).contains("\"name\":\"one\"", "\"tags\":[\"t\"]");
    assertThat(program.run("ls", "latest:" + home + "/files").succeeds().output())
        .containsExactly(
            home + "/files", home + "/files/a", home + "/files/sub", home + "/files/sub/b");
    Program.Outcome restored =
        program.run("restore", "one:" + home + "/files", "--target", "back").succeeds();
    assertThat(restored.errors()).isEmpty();
    assertThat(home.resolve("back/sub/b")).hasContent("second");
    program
        .run("restore", "one", "--target", "part", "--include", home + "/files/sub/b", "--json")
        .succeeds();
    assertThat(home.resolve("part" + home + "/files/sub/b")).hasContent("second");
    assertThat(home.resolve("part" + home + "/files/a")).doesNotExist();
  }

  @Test
  void contentIsKeptAsWellCompressedAsWasAskedFor() throws Exception {
    int length = 1 << 20;
    Files.writeString(home.resolve("files/long"), "the same again ".repeat(length / 15));
    for (String level : List.of("none", "1", "19")) {
      String key = "key-" + level;
      program
          .run("init", "--service", "dir:" + level, "--machine", "m", "--keyfile", key)
          .succeeds();
      String summary =
          program
              .run("backup", "--keyfile", key, "--compression", level, "--json", "files")
              .succeeds()
              .last();
      long stored = Long.parseLong(summary.replaceFirst(".*\"bytes_stored\":(\\d+).*", "$1"));
      if (level.equals("none")) {
        assertThat(stored).isGreaterThan(length - 100);
      } else {
        assertThat(stored).isLessThan(length / 10);
      }
      program.run("restore", "latest", "--keyfile", key, "--target", "of-" + level).succeeds();
      assertThat(home.resolve("of-" + level + home + "/files/long"))
          .hasSameBinaryContentAs(home.resolve("files/long"));
    }
  }

  @Test
  void nothingStaysInTheTemporaryFolder() throws Exception {
    Path temporary = Files.createDirectory(home.resolve("temporary"));
    program = program.javaOptions(Program.SHORT_RUN, "-Djava.io.tmpdir=" + temporary);
    init().succeeds();
    program.run("backup", "files").succeeds();
    assertThat(temporary).isEmptyDirectory();
  }

  /// The walk is ahead of what is taken in, and may not hold what the last archive says of a
  /// hundred files of many pieces each. In the heap of a client that has the service inside it.
  @Test
  void filesOfManyPiecesAreKnownAgainInLittleMemory() throws Exception {
    program = program.javaOptions(Program.SHORT_RUN, "-Xmx128m");
    Path many = home.resolve("files/many");
    try (FileChannel file = FileChannel.open(many, CREATE, WRITE, SPARSE)) {
      for (int page = 0; page < 8000; page++) {
        int _ = file.write(ByteBuffer.wrap(new byte[] {1}), page * 8192L);
      }
    }
    for (int name = 1; name < 500; name++) {
      Files.createLink(home.resolve("files/name" + name), many);
    }
    init().succeeds();
    program.run("backup", "files").succeeds();
    assertThat(program.run("backup", "files", "--json").succeeds().last())
        .contains("\"files_unchanged\":502");
  }

  @Test
  void theCacheCanBeLost() throws Exception {
    init().succeeds();
    program.run("backup", "files").succeeds();
    try (var files = Files.walk(home.resolve(".cache"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    assertThat(program.run("archives").succeeds().output()).hasSize(1);
    program.run("backup", "files").succeeds();
    assertThat(program.run("archives").succeeds().output()).hasSize(2);
  }

  @Test
  void derivedKeysDoWhatTheirRightsSay() throws Exception {
    init().succeeds();
    program.run("backup", "files").succeeds();
    program.run("key", "derive", "--rights", "write", "--out", "w").succeeds();
    program.run("key", "derive", "--rights", "read", "--out", "r").succeeds();
    assertThat(program.run("key", "show", "--keyfile", "r", "--json").succeeds().last())
        .contains("\"rights\":[\"read\"]", "\"passphrase\":false");
    program.run("backup", "files", "--keyfile", "w").succeeds();
    assertThat(program.run("archives", "--keyfile", "r").succeeds().output()).hasSize(2);
    program.run("archives", "--keyfile", "w").fails(1, "lacks the right to read");
    program.run("backup", "files", "--keyfile", "r").fails(1, "lacks the right to write");
    program
        .run("key", "derive", "--rights", "write", "--out", "x", "--keyfile", "r")
        .fails(1, "lacks the right to write");
  }

  @Test
  void aPassphraseComesFromVariablesFilesAndCommands() throws Exception {
    Path secret = Files.writeString(home.resolve("secret"), "open sesame\n");
    Program knowing = program.with("HOLDFAST_PASSPHRASE", "open sesame");
    knowing.run("init", "--service", "dir:bucket", "--machine", "m", "--passphrase").succeeds();
    knowing.run("backup", "files").succeeds();
    program.with("HOLDFAST_PASSPHRASE_FILE", secret.toString()).run("archives").succeeds();
    program.with("HOLDFAST_PASSPHRASE_COMMAND", "cat " + secret).run("archives").succeeds();
    program.with("HOLDFAST_PASSPHRASE", "wrong").run("archives").fails(12, "not the passphrase");
    program.run("archives").fails(12, "needs a passphrase");
    assertThat(program.run("key", "show").succeeds().output()).contains("passphrase  yes");
  }

  @Test
  void whatABackupLeavesOutIsSaid() throws Exception {
    init().succeeds();
    Files.createDirectories(home.resolve("files/deep"));
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(home.resolve("files/socket")));
      Program.Outcome outcome = program.run("backup", ".").succeeds();
      assertThat(outcome.errors())
          .containsExactlyInAnyOrder(
              "skipped 1 socket: nothing without the process behind it",
              "skipped what is in " + home + "/.cache/holdfast: Holdfast itself keeps things there",
              "skipped what is in " + home + "/bucket: Holdfast itself keeps things there");
      assertThat(program.run("backup", "-q", ".").succeeds().errors()).isEmpty();
    }
    Files.createSymbolicLink(home.resolve("way"), home.resolve("files"));
    assertThat(program.run("backup", "way").succeeds().errors())
        .containsExactly(
            home + "/way is a symlink: it is kept, and not what it leads to; name that");
    program.run("backup", "files", "bucket/log").fails(1, "where Holdfast itself keeps things");
    program
        .run("backup", "--name", "n".repeat(256), "files")
        .fails(1, "an archive's name has 1 to 255 bytes");
    program.run("backup", "--name", "latest", "files").fails(1, "name it otherwise");
    assertThat(program.run("archives").succeeds().output()).hasSize(3);
    assertThat(program.run("backup", "--json", "files").succeeds().last())
        .contains("\"resumed\":false");
  }

  @Test
  void aBucketThatGoesBackIsNoticedByEveryCommand() throws Exception {
    init().succeeds();
    program.run("backup", "files").succeeds();
    Program copying = program.with("HOLDFAST_CACHE", home.resolve("elsewhere").toString());
    assertThat(new ProcessBuilder("cp", "-a", home + "/bucket", home + "/old").start().waitFor())
        .isZero();
    program.run("backup", "files").succeeds();
    Files.move(home.resolve("bucket"), home.resolve("new"));
    Files.move(home.resolve("old"), home.resolve("bucket"));
    Files.move(home.resolve(".cache/holdfast/services"), home.resolve("services"));
    String seen = "committed archive number 2, the server's newest is number 1";
    program.run("archives").fails(1, seen, "/seen");
    program.run("ls", "latest").fails(1, seen);
    program.run("restore", "latest", "--target", "back").fails(1, seen);
    program.run("backup", "files").fails(1, seen);
    program.run("backup", "files").fails(1, seen);
    assertThat(copying.run("archives").succeeds().output()).hasSize(1);
  }

  @Test
  void everyCommandHasHelpWithAnExample() throws Exception {
    for (List<String> command :
        List.of(
            List.of("try"),
            List.of("init"),
            List.of("backup"),
            List.of("archives"),
            List.of("ls"),
            List.of("restore"),
            List.of("key", "show"),
            List.of("key", "derive"),
            List.of("serve"),
            List.of("rebuild"),
            List.of("account", "open"),
            List.of("invite"),
            List.of("status"))) {
      String[] words = new java.util.ArrayList<>(command).toArray(String[]::new);
      String[] asked = java.util.Arrays.copyOf(words, words.length + 1);
      asked[words.length] = "--help";
      Program.Outcome help = program.run(asked).succeeds();
      assertThat(String.join("\n", help.output()))
          .contains("Usage: holdfast " + String.join(" ", command), "Example");
      assertThat(help.errors()).isEmpty();
    }
  }

  private Program.Outcome init() throws Exception {
    return program.run("init", "--service", "dir:bucket", "--machine", "m");
  }
}
