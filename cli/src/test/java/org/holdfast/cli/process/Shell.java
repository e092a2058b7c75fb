package org.holdfast.cli.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Commands of the system, for what is easier said so.
final class Shell {
  private Shell() {}

  /// The exit code of a command in a folder. What it says goes where the test's own words go.
  static int run(Path folder, String command) throws Exception {
    Path says = Files.createTempFile(folder, "shell", "");
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(says.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("takes too long: " + command);
    }
    System.err.print(Files.readString(says));
    Files.delete(says);
    return process.exitValue();
  }
}
