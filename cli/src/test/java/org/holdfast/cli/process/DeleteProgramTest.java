package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Deleting and bringing back, as a person or a script does it, on a folder without a server.
final class DeleteProgramTest {
  private static final Pattern ARCHIVE = Pattern.compile("\"archive\":\"([0-9a-f]{64})\"");

  @TempDir Path home;
  private Program program;
  private final List<String> ids = new ArrayList<>();

  @BeforeEach
  void backUpThreeTimes() throws Exception {
    program = new Program(home);
    program.run("init", "--service", "dir:bucket", "--machine", "m").succeeds();
    for (int i = 1; i <= 3; i++) {
      Files.createDirectories(home.resolve("files"));
      Files.writeString(home.resolve("files/every"), "in every archive");
      Files.writeString(home.resolve("files/only" + i), "only in some " + i);
      Files.deleteIfExists(home.resolve("files/only" + (i - 1)));
      String summary =
          program.run("backup", "--name", "a" + i, "--json", "files").succeeds().last();
      Matcher matcher = ARCHIVE.matcher(summary);
      assertThat(matcher.find()).isTrue();
      ids.add(matcher.group(1));
    }
  }

  @Test
  void aPolicyDeletesTheRestAndUndeleteBringsItBack() throws Exception {
    program.run("key", "derive", "--rights", "tidy", "--out", "t").succeeds();
    Program.Outcome listed = program.run("archives", "--keyfile", "t").succeeds();
    assertThat(listed.output()).hasSize(3).noneMatch(line -> line.matches(".*\\ba[123]\\b.*"));
    program.run("retain", "--keep-tag", "none", "--keyfile", "t").fails(1, "would leave nothing");
    assertThat(
            program.run("retain", "--keep-last", "1", "-n", "--keyfile", "t").succeeds().output())
        .hasSize(4)
        .anyMatch(line -> line.startsWith("delete  " + ids.get(0).substring(0, 12)))
        .anyMatch(line ->
            line.startsWith("keep    " + ids.get(2).substring(0, 12)) && line.endsWith("last 1"))
        .anyMatch(line -> line.startsWith("would delete  2 archives"));
    assertThat(program.run("delete", "a3", "--dry-run").succeeds().last())
        .startsWith("would delete  1 archive:");
    assertThat(
            program.run("retain", "--keep-last", "1", "--keyfile", "t", "--json").succeeds().last())
        .contains("\"archives\":[\"" + ids.get(0), "\"archives_left\":1", "\"undelete_until\":");
    Program.Outcome left = program.run("archives").succeeds();
    assertThat(left.output()).hasSize(1);
    assertThat(left.errors()).singleElement().asString().startsWith("2 archives deleted, until ");
    restores(3);
    assertThat(program.run("delete", "latest", "--keyfile", "t").succeeds().output().getFirst())
        .startsWith("deleted  1 archive:");
    assertThat(program.run("undelete", "--list").succeeds().output()).hasSize(3);
    assertThat(
            program.run("undelete", ids.get(0).substring(0, 8), "--keyfile", "t").succeeds().last())
        .contains("2 deletions, 3 archives are back: ");
    restores(1);
  }

  @Test
  void aBackupWarnsOfWhatSomebodyElseHasDeletedAlsoWhenQuiet() throws Exception {
    program.run("delete", "latest", "--cache", "other").succeeds();
    Program.Outcome warned = program.run("backup", "-q", "files").succeeds();
    assertThat(warned.errors())
        .singleElement()
        .asString()
        .contains("archive number 3", "deleted, and not from here");
    assertThat(program.run("backup", "-q", "files").succeeds().errors()).isEmpty();
  }

  @Test
  void whatTwoArchivesAreNamedTheirIdsTellApart() throws Exception {
    program.run("backup", "--name", "a3", "files").succeeds();
    program.run("delete", "a3").fails(1, "2 archives are meant by a3: name one by its id");
    program.run("ls", "a3").fails(1, "2 archives are meant by a3: name one by its id");
  }

  @Test
  void aThiefsAfternoon() throws Exception {
    program.run("key", "derive", "--rights", "write", "--out", "w").succeeds();
    program.run("key", "derive", "--rights", "nuke", "--out", "n").succeeds();
    program.run("archives", "--keyfile", "w").fails(1, "lacks the right to read");
    program.run("delete", "latest", "--keyfile", "w").fails(1, "lacks the right to tidy");
    program
        .run("nuke", "--keyfile", "w", "--yes-delete-everything-of", "m")
        .fails(1, "right to nuke");
    program.run("delete", "a1", "a2", "a3", "--cache", "thief").succeeds();
    program
        .run("nuke", "--keyfile", "n", "--yes-delete-everything-of", "other")
        .fails(1, "not the name of the machine");
    program
        .run("nuke", "--keyfile", "n", "--yes-delete-everything-of", "m", "--cache", "thief")
        .succeeds();
    Program.Outcome again =
        program.run(
            "nuke", "--keyfile", "n", "--yes-delete-everything-of", "m", "--cache", "thief");
    assertThat(again.succeeds().last()).startsWith("nothing to delete of m;");
    program.run("undelete", "--list", "--keyfile", "w").fails(1, "to tidy and nuke, and to read");
    program
        .run("delete", "latest", "--cache", "thief")
        .fails(1, "there is no archive latest: ", "`holdfast undelete --list`");
    program.run("ls", "latest", "--cache", "thief").fails(1, "there is no archive: ", "undelete");
    Program.Outcome owner = program.run("archives");
    assertThat(owner.exitCode()).isEqualTo(1);
    assertThat(owner.output()).isEmpty();
    assertThat(owner.errors()).hasSize(3);
    assertThat(owner.errors().getFirst())
        .contains(ids.get(2).substring(0, 12), "was deleted at", "not from here");
    assertThat(owner.errors().get(1)).contains("and no archive", "`holdfast undelete --deletion");
    assertThat(owner.errors().getLast()).startsWith("3 archives deleted, until ");
    program.run("undelete", ids.get(0)).succeeds();
    Program.Outcome back = program.run("archives").succeeds();
    assertThat(back.output()).hasSize(3);
    assertThat(back.errors()).isEmpty();
    for (int i = 1; i <= 3; i++) {
      restores(i);
    }
  }

  private void restores(int number) throws Exception {
    Path back = home.resolve("back" + number);
    program
        .run("restore", ids.get(number - 1) + ":" + home + "/files", "--target", back.toString())
        .succeeds();
    assertThat(back.resolve("every")).hasContent("in every archive");
    assertThat(back.resolve("only" + number)).hasContent("only in some " + number);
    assertThat(back.toFile().list()).hasSize(2);
  }
}
