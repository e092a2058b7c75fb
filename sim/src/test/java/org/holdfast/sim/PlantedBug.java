package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.holdfast.core.PlantedChange;

/// A bug that is planted into a copy of one source file, to see whether the simulator finds it.
///
/// ```
/// says: what the bug is
/// elsewhere: the test that notices it, if the simulator has not met it
/// file: the source file
/// --- before
/// lines of it
/// --- after
/// what takes their place
/// ```
///
/// There may be more such pairs, also of another file, behind a line `--- file` with its path.
record PlantedBug(
    String name, String says, Optional<String> elsewhere, List<PlantedChange> changes) {
  static List<PlantedBug> all() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/planted"))) {
      return files.sorted().map(PlantedBug::read).toList();
    }
  }

  private static PlantedBug read(Path path) {
    try {
      String[] parts = Files.readString(path).split("--- before\n");
      Map<String, String> head = new TreeMap<>();
      parts[0].lines().forEach(line -> head.put(line.split(": ", 2)[0], line.split(": ", 2)[1]));
      List<PlantedChange> changes = new ArrayList<>();
      String file = head.get("file");
      for (String part : List.of(parts).subList(1, parts.length)) {
        String[] both = part.split("--- after\n");
        String[] after = both[1].split("--- file ");
        changes.add(new PlantedChange(file, both[0].stripTrailing(), after[0].stripTrailing()));
        file = after.length > 1 ? after[1].strip() : file;
      }
      return new PlantedBug(
          path.getFileName().toString().replace(".txt", ""),
          head.get("says"),
          Optional.ofNullable(head.get("elsewhere")),
          changes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Compiles the files with the bug in them into a folder.
  void plant(Path folder) throws IOException {
    PlantedChange.plant(changes, folder);
  }

  static PlantedBug of(String name) throws IOException {
    return all().stream().filter(bug -> bug.name.equals(name)).findFirst().orElseThrow();
  }

  /// Runs the simulator with the bug; answers what it printed.
  String run(Path folder, String... words) {
    List<String> options =
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx1g",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED");
    try {
      return PlantedChange.run(folder, options, Main.class.getName(), List.of(words)).output();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// The seed with which it is found, of what was printed. Without the bug the same seed keeps
  /// every promise: otherwise nothing was shown of the bug.
  static long foundBy(String output) {
    assertThat(output).contains("breaks a promise");
    long seed = Long.parseLong(output.replaceAll("(?s).*seed (\\d+) breaks a promise.*", "$1"));
    assertThat(History.run(Scenario.of(seed), null).violation()).as("without the bug").isNull();
    return seed;
  }

  @Override
  public String toString() {
    return name + ": " + says;
  }
}
