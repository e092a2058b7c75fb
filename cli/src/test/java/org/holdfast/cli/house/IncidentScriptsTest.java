package org.holdfast.cli.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `incidents/NAME/run` plays what it was asked for or says what it can be asked for.
final class IncidentScriptsTest {
  private static final String MEMORY = "2011-memory";
  private static final String DISK = "2016-disk";
  private static final String POWER = "2012-power";
  private static final String INSTANCE = "2023-instance";

  @TempDir Path home;

  /// Instead of Maven, something that says how it was called.
  @BeforeEach
  void makeMaven() throws Exception {
    Path maven = Files.writeString(home.resolve("mvn"), "#!/bin/sh\necho \"played: $*\"\n");
    Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void wordsThatMeanNothingAreRefusedAndNothingIsPlayed() throws Exception {
    for (String word :
        List.of("10m", "0", "9", "-5", "1.5", "86401", "999999", "", "--plant", "x")) {
      for (String name : List.of(MEMORY, POWER, INSTANCE)) {
        assertThat(run(name, 2, word)).contains("Usage:").doesNotContain("played");
      }
    }
    for (String word : List.of("10", "", "--plant", "x")) {
      assertThat(run(DISK, 2, word)).contains("Usage:").doesNotContain("played");
    }
    for (String name : List.of(MEMORY, DISK, POWER, INSTANCE)) {
      assertThat(run(name, 2, "--planted", "5")).contains("Usage:").doesNotContain("played");
    }
  }

  @Test
  void helpIsGivenAndNothingIsPlayed() throws Exception {
    for (String name : List.of(MEMORY, DISK, POWER, INSTANCE)) {
      assertThat(run(name, 0, "--help")).startsWith("Usage:").doesNotContain("played");
      assertThat(run(name, 0, "-h")).startsWith("Usage:").doesNotContain("played");
    }
  }

  @Test
  void itIsPlayedAsAsked() throws Exception {
    assertThat(run(MEMORY, 0)).contains("played", "-Dincident.seconds=600");
    assertThat(run(MEMORY, 0, "30")).contains("played", "-Dincident.seconds=30");
    assertThat(run(MEMORY, 0, "--planted")).contains("played", "-Dincident=" + MEMORY);
    assertThat(run(DISK, 0)).contains("played", "FailingWeekTest");
    assertThat(run(POWER, 0)).contains("PowerCutTest", "-Dincident.seconds=300");
    assertThat(run(POWER, 0, "20")).contains("PowerCutTest", "-Dincident.seconds=20");
    assertThat(run(POWER, 0, "--planted")).contains("Planted", "-Dincident=" + POWER);
    assertThat(run(INSTANCE, 0)).contains("LostInstanceTest", "-Dincident.seconds=300");
    assertThat(run(INSTANCE, 0, "--planted")).contains("Planted", "-Dincident=" + INSTANCE);
    assertThat(run(DISK, 0, "--planted")).contains("played", "-Dincident=" + DISK);
  }

  /// What it prints, on both streams.
  private String run(String name, int exitCode, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("../incidents/" + name + "/run"));
    command.addAll(List.of(words));
    Path out = home.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().merge("PATH", home.toString(), (path, first) -> first + ":" + path);
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("%s %s ends", name, command).isTrue();
    assertThat(process.exitValue()).as("%s %s", name, command).isEqualTo(exitCode);
    return Files.readString(out);
  }
}
