package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Recovery with a bug does not pass its scenario. Its name keeps it out of the tests;
/// `incidents/NAME/run --planted` asks for it.
final class PlantedRecoveries {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource
  void theScenarioFails(Bug bug) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Path home = Files.createDirectories(folder.resolve("play"));
    bug.plant(classes);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                bug.scenario.getName(),
                home.toString(),
                "1")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(bug + ": " + output.lines().limit(3).toList());
    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output).contains("FAILS: ").contains(bug.seen);
  }

  /// Those of the incident that `-Dincident` names; all without it.
  static List<Bug> theScenarioFails() {
    String wanted = System.getProperty("incident", "");
    return Arrays.stream(Bug.values())
        .filter(bug -> wanted.isEmpty() || bug.incident().equals(wanted))
        .toList();
  }

  /// Lines of a server's source that keep an incident from happening, and what takes their place.
  enum Bug {
    /// What a crash has left is taken for what was there.
    INDEX_IS_NOT_PROVEN(
        PowerCut.class, "shard/ShardStart.java", "(clean || isProven(index.get()))", "true", ""),
    /// What cannot be opened stops the start, instead of being thrown away.
    INDEX_THAT_CANNOT_BE_OPENED_STOPS_THE_START(
        PowerCut.class,
        "shard/ShardStart.java",
        "      listener.discarded(e.getMessage());\n      return Optional.empty();",
        "      throw e;",
        "cannot be opened"),
    WHAT_IS_IN_THE_WRONG_PLACE_STOPS_THE_START(
        PowerCut.class,
        "shard/StateFolder.java",
        "        dropMisplaced(folder);\n",
        "        Files.size(folder);\n",
        "cannot be used"),
    /// 2023: the largest number of what was there before a resume is lost.
    RESUME_FORGETS_WHAT_WAS_READ(
        LostInstance.class,
        "recovery/HeaderSpool.java",
        "        note(header, at + FRAME_LENGTH, length);\n        at += FRAME_LENGTH + length;",
        "        at += FRAME_LENGTH + length;\n"
            + "        places.put(id, new Place(at - length, length, header.seal()));",
        "what was read before counts"),
    /// 2023: a machine is known from its last registration on, not from its first.
    MOVE_IS_A_BIRTH(
        LostInstance.class,
        "state/ShardState.java",
        "machines.put(made.machine(), machine.withAccount(made.to()));",
        "machines.put(made.machine(), MachineRow.registered(number, made.to(), machine.invite(),"
            + " machine.name(), machine.keys()));",
        ""),
    OVERRIDE_IS_NOT_KEPT(
        LostInstance.class,
        "Rebuild.java",
        "          state.addOverrides(overridden);",
        "          overridden.size();",
        "overrides"),
    ONE_OVERRIDE_FOR_ALL(
        LostInstance.class,
        "Overrides.java",
        "return allowed.contains(check);",
        "return !allowed.isEmpty();",
        "the check that stops is not that one");

    private final Class<?> scenario;
    private final String file;
    private final String before;
    private final String after;
    private final String seen;

    Bug(Class<?> scenario, String file, String before, String after, String seen) {
      this.scenario = scenario;
      this.file = file;
      this.before = before;
      this.after = after;
      this.seen = seen;
    }

    String incident() {
      return scenario.equals(PowerCut.class) ? "2012-power" : "2023-instance";
    }

    void plant(Path classes) throws Exception {
      Path source = Path.of("../server/src/main/java/org/holdfast/server").resolve(file);
      String text = Files.readString(source);
      assertThat(text.split(java.util.regex.Pattern.quote(before), -1))
          .as("%s has this once; bring the planted bug up to date", source)
          .hasSize(2);
      Path copy = classes.resolve(source.getFileName());
      Files.writeString(copy, text.replace(before, after));
      List<String> words =
          List.of(
              "-proc:none",
              "-nowarn",
              "-cp",
              System.getProperty("java.class.path"),
              "-d",
              classes.toString(),
              copy.toString());
      int failed =
          ToolProvider.getSystemJavaCompiler().run(null, null, null, words.toArray(String[]::new));
      assertThat(failed).as("it compiles").isZero();
    }
  }
}
