package org.holdfast.sim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The simulator finds bugs: each of these within so many seeds, but for those that only a test of
/// their own notices. Its name keeps it out of the tests, as it takes long; asked for by
///
/// `mvn -pl sim -am -Dtest=PlantedBugs -Dsurefire.failIfNoSpecifiedTests=false test`, or with
/// `-Dplanted=NAME,NAME` for some of them.
final class PlantedBugs {
  private static final int SEEDS_MAX = 10_000;
  private static final int LONGEST_SECONDS = 600;

  @TempDir Path folder;

  static List<PlantedBug> asked() throws IOException {
    String names = System.getProperty("planted", "");
    return PlantedBug.all().stream()
        .filter(bug ->
            names.isEmpty()
                ? bug.elsewhere().isEmpty()
                : List.of(names.split(",")).contains(bug.name()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("asked")
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
    long seed = PlantedBug.foundBy(output);
    System.out.printf(
        "%s: found after %s seeds, %d s%n",
        bug.name(), seed, (System.nanoTime() - begin) / 1_000_000_000);
  }
}
