package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The simulator finds bugs: each of these within so many seeds. Its name keeps it out of the
/// tests, as it takes long; asked for by
///
/// `mvn -pl sim -am -Dtest=PlantedBugs -Dsurefire.failIfNoSpecifiedTests=false test`
final class PlantedBugs {
  private static final int SEEDS_MAX = 10_000;
  private static final int LONGEST_SECONDS = 600;

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("org.holdfast.sim.PlantedBug#all")
  void theBugIsFound(PlantedBug bug) throws Exception {
    bug.plant(folder);
    long begin = System.nanoTime();
    String output =
        bug.run(
            folder,
            "--seed",
            "1",
            "--count",
            Integer.toString(SEEDS_MAX),
            "--seconds",
            Integer.toString(LONGEST_SECONDS));
    assertThat(output).as(bug.toString()).contains("breaks a promise");
    String seed = output.replaceAll("(?s).*seed (\\d+) breaks a promise.*", "$1");
    assertThat(History.run(Scenario.of(Long.parseLong(seed)), null).violation())
        .as("without the bug")
        .isNull();
    System.out.printf(
        "%s: found after %s seeds, %d s%n",
        bug.name(), seed, (System.nanoTime() - begin) / 1_000_000_000);
  }
}
