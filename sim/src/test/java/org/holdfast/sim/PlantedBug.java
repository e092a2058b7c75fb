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
/// There may be more such pairs, also of another file, behind a line `--- file` with its path.
record PlantedBug(String name, String says, List<Change> changes) {
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
      String file = head.get("file");
      for (String part : List.of(parts).subList(1, parts.length)) {
        String[] both = part.split("--- after\n");
        String[] after = both[1].split("--- file ");
        changes.add(
            new Change(ROOT.resolve(file), both[0].stripTrailing(), after[0].stripTrailing()));
        file = after.length > 1 ? after[1].strip() : file;
      }
      return new PlantedBug(
          path.getFileName().toString().replace(".txt", ""), head.get("says"), changes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /// The files with the bug in them.
  Map<Path, String> sources() throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    for (Change change : changes) {
      String source = sources.getOrDefault(change.file, Files.readString(change.file));
      assertThat(source.split(java.util.regex.Pattern.quote(change.before), -1))
          .as("%s has these lines once; bring the planted bug %s up to date", change.file, name)
          .hasSize(2);
      sources.put(change.file, source.replace(change.before, change.after));
    }
    return sources;
  }

  /// Compiles the files with the bug in them into a folder.
  void plant(Path folder) throws IOException {
    Map<Path, String> sources = sources();
    List<String> words =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-nowarn",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString()));
    for (var each : sources.entrySet()) {
      Path copy = folder.resolve(each.getKey().getFileName());
      words.add(Files.writeString(copy, each.getValue()).toString());
    }
    int failed =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, words.toArray(String[]::new));
    assertThat(failed).as("it compiles").isZero();
  }

  static PlantedBug of(String name) throws IOException {
    return all().stream().filter(bug -> bug.name.equals(name)).findFirst().orElseThrow();
  }

  /// Runs the simulator with the bug; answers what it printed.
  String run(Path folder, String... words) {
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
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      } finally {
        process.destroyForcibly();
      }
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

  /// Lines of a file, and what takes their place.
  record Change(Path file, String before, String after) {}
}
