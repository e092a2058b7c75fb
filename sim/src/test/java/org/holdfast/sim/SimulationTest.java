package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// No order of bad luck breaks a promise.
final class SimulationTest {
  /// In each build the same seeds, and then fresh ones for so long on each of two processors.
  private static final int SEEDS = Integer.getInteger("sim.seeds", 60);

  private static final String FRESH_SECONDS = System.getProperty("sim.seconds", "60");

  @Test
  void seedsKeepEveryPromise() {
    long acknowledged = 0;
    for (long seed = 1000; seed < 1000 + SEEDS; seed++) {
      acknowledged += keepsEveryPromise(Scenario.of(seed));
    }
    assertThat(acknowledged).isGreaterThan(2L * SEEDS);
  }

  @Test
  void whatOnceWentWrongKeepsEveryPromise() throws Exception {
    List<String> runs =
        Files.readAllLines(Path.of("src/test/resources/seeds.txt")).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();
    for (String run : runs) {
      keepsEveryPromise(Options.of(run.split(" # ", 2)[0].split(" ")).first());
    }
    assertThat(runs).isNotEmpty();
  }

  @Test
  void freshSeedsKeepEveryPromise() throws Exception {
    Campaign campaign = new Campaign(Options.of("--processes", "2", "--seconds", FRESH_SECONDS));
    assertThat(campaign.run()).as("see the output for seed and command").isTrue();
  }

  @Test
  void aSeedGivesTheSameRunAgain() {
    for (long seed = 1; seed <= 5; seed++) {
      assertThat(History.run(Scenario.of(seed), null))
          .isEqualTo(History.run(Scenario.of(seed), null));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"--seed 7", "--seed 8 --size large"})
  void aRunAfterOthersIsThatOfAFreshProcess(String words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "org.holdfast.sim.Main"));
    command.addAll(List.of(words.split(" ")));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    for (long seed = 11; seed < 14; seed++) {
      History.run(Scenario.of(seed), null);
    }
    long hash = History.run(Options.of(words.split(" ")).first(), null).hash();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("trace %016x".formatted(hash));
  }

  private static int keepsEveryPromise(Scenario scenario) {
    History.Outcome outcome = History.run(scenario, null);
    assertThat(outcome.violation()).as("./holdfast-sim %s --trace", scenario).isNull();
    return outcome.archives();
  }
}
