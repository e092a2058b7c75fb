package org.holdfast.core;

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
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/// Lines of a source file that a promise relies on, and what takes their place to see that whoever
/// checks that promise notices.
///
/// @param file of a module's sources, from the repository's root on
public record PlantedChange(String file, String before, String after) {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /// The files with all changes in them.
  public static Map<Path, String> sources(List<PlantedChange> changes) throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    for (PlantedChange change : changes) {
      Path file = ROOT.resolve(change.file);
      String source = sources.getOrDefault(file, Files.readString(file));
      assertThat(source.split(Pattern.quote(change.before), -1))
          .as("%s has these lines once; bring what is planted up to date:\n%s", file, change.before)
          .hasSize(2);
      sources.put(file, source.replace(change.before, change.after));
    }
    return sources;
  }

  /// Compiles the files with all changes in them into a folder.
  public static void plant(List<PlantedChange> changes, Path classes) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                "-proc:none",
                "-nowarn",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                Files.createDirectories(classes).toString()));
    for (var source : sources(changes).entrySet()) {
      Path copy = classes.resolve(source.getKey().getFileName());
      words.add(Files.writeString(copy, source.getValue()).toString());
    }
    int failed =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, words.toArray(String[]::new));
    assertThat(failed).as("it compiles").isZero();
  }

  /// Runs a main class with these classes before all others, until it ends.
  public static Outcome run(Path classes, List<String> options, String main, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            classes + File.pathSeparator + System.getProperty("java.class.path"),
            main));
    command.addAll(words);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), output);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  /// What a process has printed, and its exit code.
  public record Outcome(int code, String output) {}
}
