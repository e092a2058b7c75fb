package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A server process with a leak does not pass [ServeOverload]. Its name keeps it out of the tests;
/// `incidents/2011-memory/run --planted` asks for it.
final class PlantedServeIncidents {
  private static final String SECONDS = "70";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void theScenarioFails(Leak leak) throws Exception {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    leak.plant(classes);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                ServeOverload.class.getName(),
                folder.resolve("play").toString(),
                SECONDS)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    System.out.println(leak + ": " + output);
    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output).contains(leak.seen);
  }

  /// Lines of a server's session that give back what dropped work held, and what takes their place.
  enum Leak {
    STORED_BLOCKS_ARE_KEPT(
        "    connection.giveBack(leasedBytes);\n    if (failure == null) {",
        "    connection.giveBack(leasedBytes);\n"
            + "    System.getProperties().put(new Object(), new byte[leasedBytes]);\n"
            + "    if (failure == null) {",
        "something is kept"),
    MEMORY_OF_DROPPED_BLOCKS_STAYS_TAKEN(
        "    connection.giveBack(leasedBytes);\n    if (failure == null) {",
        "    if (failure == null) {\n      connection.giveBack(leasedBytes);",
        "the server takes nearly nothing");

    private static final Path FILE =
        Path.of("../server/src/main/java/org/holdfast/server/session/ServerSession.java");

    private final String before;
    private final String after;
    private final String seen;

    Leak(String before, String after, String seen) {
      this.before = before;
      this.after = after;
      this.seen = seen;
    }

    void plant(Path classes) throws Exception {
      String source = Files.readString(FILE);
      assertThat(source.split(java.util.regex.Pattern.quote(before), -1))
          .as("%s has this once; bring the planted leak up to date", FILE)
          .hasSize(2);
      Path copy =
          Files.writeString(classes.resolve("ServerSession.java"), source.replace(before, after));
      int failed =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  List.of(
                          "-proc:none",
                          "-nowarn",
                          "-cp",
                          System.getProperty("java.class.path"),
                          "-d",
                          classes.toString(),
                          copy.toString())
                      .toArray(String[]::new));
      assertThat(failed).as("it compiles").isZero();
    }
  }
}
