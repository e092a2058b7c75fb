package org.holdfast.server;

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

/// The incidents happen again with the bugs that led to them. Its name keeps it out of the tests;
/// `incidents/NAME/run --planted` asks for it.
final class PlantedIncidents {
  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource
  void theScenarioFails(Bug bug) throws Exception {
    bug.plant(folder.resolve("classes"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx1g",
                "-cp",
                folder.resolve("classes")
                    + File.pathSeparator
                    + System.getProperty("java.class.path"),
                "org.holdfast.server." + bug.scenario,
                folder.resolve("play").toString(),
                "4")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(bug + ": " + output.lines().reduce((_, last) -> last).orElse("nothing"));
    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output).contains(bug.seen);
  }

  /// Those of the incident that `-Dincident` names; all without it.
  static List<Bug> theScenarioFails() {
    String wanted = System.getProperty("incident", "");
    return Arrays.stream(Bug.values())
        .filter(bug -> wanted.isEmpty() || bug.incident().equals(wanted))
        .toList();
  }

  /// Lines of a source file that keep an incident from happening, and what takes their place.
  enum Bug {
    BACKGROUND_WORK_STARVES(
        "Overload",
        "shard/Turns.java",
        "(clients.isEmpty() || passedBytes >= due(first))",
        "clients.isEmpty()",
        "background work starves"),
    MEMORY_BY_RUN(
        "Overload",
        "shard/BackgroundMemory.java",
        "Share share = share(job);",
        "Share share = new Share(JOB_BYTES);",
        "a job that reconnects holds"),
    DROPPED_WORK_IS_KEPT(
        "Overload",
        "shard/ShardService.java",
        "gone.set(true);\n        dropGone();",
        "gone.set(false);",
        "pieces of dropped background work are kept"),
    FREED_AGAIN_AND_AGAIN(
        "FailingWeek",
        "shard/Deletes.java",
        "state.garbage(id, kind, name, copy.stored());",
        "Optional.of(new BlockRow(copy.stored(), 0, copy.length(), 0, 0, 1, 1, 0));",
        "2016-disk: FAILS"),
    REPORTS_WITHOUT_END(
        "FailingWeek",
        "shard/StateFolder.java",
        "DEFECTS_MAX = 8",
        "DEFECTS_MAX = 1 << 30",
        "the state folder grows"),
    INDEX_THROWN_AWAY_FOR_WANT_OF_ROOM(
        "FailingWeek",
        "index/RocksIndex.java",
        "if (isNoSpace(e)) {",
        "if (isNoSpace(e) && folder.getNameCount() == 0) {",
        "2016-disk: FAILS"),
    WRITES_ON_A_FULL_DISK(
        "FailingWeek",
        "shard/ShardService.java",
        ": watching.obstacle().map(why -> new UnavailableException(why, DISK_RETRY_MILLIS));",
        ": Optional.empty();",
        "backups are taken on a disk that is nearly full");

    private final String scenario;
    private final String file;
    private final String before;
    private final String after;
    private final String seen;

    Bug(String scenario, String file, String before, String after, String seen) {
      this.scenario = scenario;
      this.file = file;
      this.before = before;
      this.after = after;
      this.seen = seen;
    }

    String incident() {
      return scenario.equals("Overload") ? "2011-memory" : "2016-disk";
    }

    void plant(Path classes) throws Exception {
      Path file = Path.of("src/main/java/org/holdfast/server").resolve(this.file);
      String source = Files.readString(file);
      assertThat(source.split(java.util.regex.Pattern.quote(before), -1))
          .as("%s has this once; bring the planted bug up to date", file)
          .hasSize(2);
      Files.createDirectories(classes);
      Path copy = classes.resolve(file.getFileName());
      Files.writeString(copy, source.replace(before, after));
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
