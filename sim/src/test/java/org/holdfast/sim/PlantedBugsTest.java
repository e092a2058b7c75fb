package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.holdfast.core.PlantedChange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The planted bugs that are found within seconds; all of them are in [PlantedBugs].
final class PlantedBugsTest {
  @TempDir Path folder;

  @Test
  void everyBugHasItsPlace() throws Exception {
    for (PlantedBug bug : PlantedBug.all()) {
      assertThat(PlantedChange.sources(bug.changes())).isNotEmpty();
    }
  }

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
    String found = bug.run(folder, "--seed", "1", "--count", "200", "--keep-going");
    Matcher less = Pattern.compile("less: +./holdfast-sim --seed (\\d+) --shrink").matcher(found);
    List<String> seeds = less.results().limit(3).map(each -> each.group(1)).toList();
    List<Integer> left =
        seeds.parallelStream()
            .map(seed -> shrunk(bug, seed, seed.equals(seeds.getFirst())))
            .toList();
    assertThat(left).hasSize(3).anyMatch(faults -> faults <= 4);
  }

  /// To how many faults; looked at more closely, they break the promise again and without any one
  /// of them it is kept.
  private int shrunk(PlantedBug bug, String seed, boolean closely) {
    String shrunk = bug.run(folder, "--seed", seed, "--shrink");
    Matcher count = Pattern.compile("(?m)^(\\d+) of \\d+ faults are enough").matcher(shrunk);
    assertThat(count.find()).as(shrunk).isTrue();
    if (closely) {
      List<String> only =
          List.of(shrunk.replaceAll("(?s).*--only (\\S+) --trace.*", "$1").split(","));
      assertThat(only).hasSize(Integer.parseInt(count.group(1)));
      String promise = broken(bug, seed, only);
      assertThat(promise).isNotEqualTo("none");
      assertThat(only.parallelStream().map(fault -> broken(bug, seed, without(only, fault))))
          .hasSameSizeAs(only)
          .doesNotContain(promise);
    }
    return Integer.parseInt(count.group(1));
  }

  private static List<String> without(List<String> faults, String fault) {
    return faults.stream().filter(each -> !each.equals(fault)).toList();
  }

  /// What promise is broken with these faults: its words, without numbers and names.
  private String broken(PlantedBug bug, String seed, List<String> only) {
    String words = only.isEmpty() ? "none" : String.join(",", only);
    Matcher promise =
        Pattern.compile("breaks a promise: (.*)")
            .matcher(bug.run(folder, "--seed", seed, "--only", words));
    return promise.find() ? new Violation(promise.group(1)).kind() : "none";
  }
}
