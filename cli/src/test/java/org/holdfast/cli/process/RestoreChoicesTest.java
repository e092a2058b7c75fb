package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the options of `restore` come to.
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestoreChoicesTest {
  private Path home;
  private Program program;
  private byte[] large;

  @BeforeAll
  void makeArchive(@TempDir Path folder) throws Exception {
    home = folder;
    program = new Program(home);
    Files.createDirectories(home.resolve("files/build"));
    Files.writeString(home.resolve("files/a.txt"), "a");
    Files.writeString(home.resolve("files/[b].txt"), "b");
    Files.writeString(home.resolve("files/build/a.o"), "object");
    large = new byte[9 << 20];
    new Random(8).nextBytes(large);
    Arrays.fill(large, 3 << 20, 4 << 20, (byte) 0);
    Files.write(home.resolve("files/large"), large);
    program.run("init", "--service", "dir:bucket", "--machine", "m").succeeds();
    program.run("backup", "files").succeeds();
  }

  @Test
  void patternsAndStrippedNames() throws Exception {
    String depth = Integer.toString(home.toString().split("/").length - 1);
    program
        .run(
            "restore",
            "latest",
            "--target",
            "stripped",
            "-e",
            "*.o",
            "--include",
            home.toString(),
            "--strip-components",
            depth)
        .succeeds();
    assertThat(home.resolve("stripped/files/build")).isEmptyDirectory();
    assertThat(home.resolve("stripped/files/a.txt")).hasContent("a");
    String named = home + "/files/[b].txt";
    program
        .run(
            "restore",
            "latest:" + home,
            "--target",
            "matched",
            "--include",
            "*.o",
            "--include",
            named)
        .succeeds();
    assertThat(home.resolve("matched/files/build/a.o")).hasContent("object");
    assertThat(home.resolve("matched/files/a.txt")).doesNotExist();
  }

  @Test
  void oneFileGoesToStandardOutput() throws Exception {
    String path = "latest:" + home + "/files/large";
    assertThat(Shell.run(home, program.line("restore", path, "--stdout") + " > out")).isZero();
    assertThat(home.resolve("out")).hasBinaryContent(large);
    program
        .run("restore", "latest:" + home + "/files", "--stdout")
        .fails(1, "only a file goes to standard output");
    program
        .run("restore", "latest:" + home + "/files/none", "--stdout")
        .fails(1, "there is no such");
    program.run("restore", path, "--stdout", "--target", "t").fails(1, "leave --target");
    program.run("restore", path).fails(1, "--target is missing; see");
  }

  @Test
  void aDryRunWritesNothing() throws Exception {
    assertThat(
            program
                .run("restore", "latest:" + home + "/files", "-n", "-v", "-e", "large")
                .succeeds()
                .output())
        .anyMatch(line -> line.endsWith("/files/a.txt"))
        .noneMatch(line -> line.contains("large"))
        .anyMatch(line -> line.startsWith("would restore  3 files, 1 folders, 0 others, 8 B"));
    assertThat(
            program.run("restore", "latest", "-n", "--target", "dry", "--json").succeeds().last())
        .contains("\"dry_run\":true", "\"files\":4");
    assertThat(home.resolve("dry")).doesNotExist();
  }

  @Test
  void whatMatchesNothingIsNoSuccess() throws Exception {
    program
        .run("restore", "latest", "--target", "nothing", "--include", "*.cnf")
        .fails(1, "no entry matches");
    program
        .run("restore", "latest", "--target", "none", "--no-owner", "--numeric-ids")
        .fails(1, "exclude each other");
  }
}
