package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/// A bug that is planted into a copy of one source file, to see whether the simulator finds it.
///
/// ```
/// says: what the bug is
/// file: the source file
/// --- before
/// lines of it
/// --- after
/// what takes their place
/// ```
///
/// There may be more such pairs.
record PlantedBug(String name, String says, Path file, List<Change> changes) {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

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
      List<Change> changes = new ArrayList<>();
      for (String part : List.of(parts).subList(1, parts.length)) {
        String[] both = part.split("--- after\n");
        changes.add(new Change(both[0].stripTrailing(), both[1].stripTrailing()));
      }
      return new PlantedBug(
          path.getFileName().toString().replace(".txt", ""),
          head.get("says"),
          ROOT.resolve(head.get("file")),
          changes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// Compiles the file with the bug in it into a folder.
  void plant(Path folder) throws IOException {
    String source = Files.readString(file);
    for (Change change : changes) {
      assertThat(source.split(java.util.regex.Pattern.quote(change.before), -1))
          .as("%s has these lines once; bring the planted bug up to date", file)
          .hasSize(2);
      source = source.replace(change.before, change.after);
    }
    Path copy = Files.writeString(folder.resolve(file.getFileName()), source);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                copy.toString());
    assertThat(failed).as("it compiles").isZero();
  }

  static PlantedBug of(String name) throws IOException {
    return all().stream().filter(bug -> bug.name.equals(name)).findFirst().orElseThrow();
  }

  /// Runs the simulator with the bug; answers what it printed.
  String run(Path folder, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx1g",
                "--add-opens",
                "java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                folder + File.pathSeparator + System.getProperty("java.class.path"),
                "org.holdfast.sim.Main"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.destroyForcibly();
    }
  }

  @Override
  public String toString() {
    return name + ": " + says;
  }

  /// Lines, and what takes their place.
  record Change(String before, String after) {}
}
