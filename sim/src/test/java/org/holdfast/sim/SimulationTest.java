package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// No order of bad luck breaks a promise.
final class SimulationTest {
  /// In each build the same seeds; fresh ones, and many, by `./holdfast-sim`.
  private static final int SEEDS = Integer.getInteger("sim.seeds", 100);

  @Test
  void seedsKeepEveryPromise() {
    long acknowledged = 0;
    for (long seed = 1000; seed < 1000 + SEEDS; seed++) {
      acknowledged += keepsEveryPromise(seed);
    }
    assertThat(acknowledged).isGreaterThan(3L * SEEDS);
  }

  @Test
  void seedsThatOnceFailedKeepEveryPromise() throws Exception {
    List<String> seeds = Files.readAllLines(Path.of("src/test/resources/seeds.txt"));
    for (String line : seeds) {
      if (!line.isBlank() && !line.startsWith("#")) {
        keepsEveryPromise(Long.parseLong(line.split(" ", 2)[0]));
      }
    }
    assertThat(seeds).isNotEmpty();
  }

  @Test
  void aSeedGivesTheSameRunAgain() {
    for (long seed = 1; seed <= 5; seed++) {
      assertThat(History.run(seed, null)).isEqualTo(History.run(seed, null));
    }
  }

  @Test
  void aSeedGivesTheSameRunInAnotherProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "org.holdfast.sim.Main",
                "--seed",
                "7")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("trace %016x".formatted(History.run(7, null).hash()));
  }

  private static int keepsEveryPromise(long seed) {
    History.Outcome outcome = History.run(seed, null);
    assertThat(outcome.violation()).as("./holdfast-sim --seed %d --trace", seed).isNull();
    return outcome.archives();
  }
}
