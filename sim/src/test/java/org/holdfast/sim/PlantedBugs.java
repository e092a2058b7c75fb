package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The simulator finds bugs: each of these within so many seeds. Its name keeps it out of the
/// tests, as it takes long; asked for by
///
/// `mvn -pl sim -am -Dtest=PlantedBugs -Dsurefire.failIfNoSpecifiedTests=false test`
final class PlantedBugs {
  private static final int SEEDS_MAX = 10_000;
  private static final long LONGEST_MINUTES = 10;

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("org.holdfast.sim.PlantedBug#all")
  void theBugIsFound(PlantedBug bug) throws Exception {
    bug.plant(folder);
    Path output = folder.resolve("output");
    Process process = bug.simulate(folder, output, SEEDS_MAX);
    try {
      assertThat(process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)).as("it ends").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(output)).isEqualTo(1);
    assertThat(Files.readString(output)).contains("breaks a promise");
  }
}
