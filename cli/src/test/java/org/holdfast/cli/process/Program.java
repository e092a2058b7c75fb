package org.holdfast.cli.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The real program, as processes of its own, with a folder of its own for keys and caches.
final class Program {
  private static final List<String> JAVA =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xmx256m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");
  private static final long LONGEST_SECONDS = 180;

  private final Path home;
  private final List<String> prefix;
  private final String classPath;
  private final Map<String, String> variables = new HashMap<>();

  Program(Path home) {
    this(home, List.of(), System.getProperty("java.class.path"));
  }

  /// `prefix` is a command that runs the rest of its words.
  Program(Path home, List<String> prefix, String classPath) {
    this.home = home;
    this.prefix = prefix;
    this.classPath = classPath;
    variables.put("HOME", home.toString());
    variables.put("LC_ALL", "C.UTF-8");
    variables.put("TMPDIR", home.toString());
  }

  Program with(String variable, String value) {
    Program other = new Program(home, prefix, classPath);
    other.variables.putAll(variables);
    other.variables.put(variable, value);
    return other;
  }

  /// Starts it, its streams going to files.
  Running start(String... words) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(JAVA);
    command.addAll(List.of("-cp", classPath, "org.holdfast.cli.Main"));
    command.addAll(List.of(words));
    Path out = Files.createTempFile(home, "out", "");
    Path err = Files.createTempFile(home, "err", "");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(home.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("HOLDFAST_") || name.startsWith("XDG_"));
    environment.putAll(variables);
    return new Running(builder.start(), out, err);
  }

  /// Runs it to its end.
  Outcome run(String... words) throws Exception {
    return start(words).end();
  }

  /// A process under way.
  record Running(Process process, Path out, Path err) {
    Outcome end() throws Exception {
      assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS))
          .as("ends by itself: " + errors())
          .isTrue();
      return new Outcome(process.exitValue(), Files.readAllLines(out), errors());
    }

    List<String> errors() {
      try {
        return Files.readAllLines(err);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void signal(String name) throws Exception {
      int status =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      assertThat(status).isZero();
    }

    /// Looks until something is so, as long as the process runs.
    void until(Condition condition) throws Exception {
      while (!condition.holds()) {
        assertThat(process.waitFor(20, TimeUnit.MILLISECONDS))
            .as("the process ended too early: " + errors())
            .isFalse();
      }
    }
  }

  interface Condition {
    boolean holds() throws Exception;
  }

  /// What a process came to.
  record Outcome(int exitCode, List<String> output, List<String> errors) {
    Outcome succeeds() {
      assertThat(exitCode).as(String.join("\n", errors)).isZero();
      return this;
    }

    /// A foreseen failure: its exit code, and one line that says this.
    Outcome fails(int code, String... parts) {
      assertThat(errors).as("one line on standard error").hasSize(1);
      assertThat(errors.getFirst()).startsWith("holdfast: ").contains(parts);
      assertThat(exitCode).as(errors.getFirst()).isEqualTo(code);
      return this;
    }

    String last() {
      return output.getLast();
    }
  }
}
