package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The planted bugs that are found within seconds; all of them are in [PlantedBugs].
final class PlantedBugsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"acknowledge-before-durable", "apply-twice", "trust-what-is-there"})
  void theBugIsFoundSoon(String name) throws Exception {
    PlantedBug bug = PlantedBug.of(name);
    bug.plant(folder);
    String output = bug.run(folder, "--seed", "1", "--count", "100");
    assertThat(output).contains("again: ./holdfast-sim --seed " + PlantedBug.foundBy(output));
  }

  @Test
  void whatBreaksThePromiseIsShrunkToFewFaults() throws Exception {
    PlantedBug bug = PlantedBug.of("trust-what-is-there");
    bug.plant(folder);
    String found = bug.run(folder, "--seed", "1", "--count", "100");
    String seed = found.replaceAll("(?s).*less:  ./holdfast-sim --seed (\\d+) --shrink.*", "$1");
    String shrunk = bug.run(folder, "--seed", seed, "--shrink");
    assertThat(shrunk).containsPattern("(?m)^[0-4] of \\d+ faults are enough");
    String only = shrunk.replaceAll("(?s).*--only (\\S+) --trace.*", "$1");
    assertThat(bug.run(folder, "--seed", seed, "--only", only)).contains("breaks a promise");
  }
}
