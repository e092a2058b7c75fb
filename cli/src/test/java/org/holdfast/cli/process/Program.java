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
  /// For short runs: what matters is how soon it starts.
  static final List<String> SHORT_RUN =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xmx256m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /// For processes that live long enough to be compiled well: ciphers take ten times as long
  /// otherwise.
  static final List<String> LONG_RUN =
      SHORT_RUN.stream().filter(option -> !option.contains("TieredStopAtLevel")).toList();

  private final Path home;
  private final List<String> prefix;
  private final String classPath;
  private final List<String> javaOptions;
  private final Map<String, String> variables;
  private final long longestSeconds;

  Program(Path home) {
    this(home, List.of(), System.getProperty("java.class.path"));
  }

  /// `prefix` is a command that runs the rest of its words.
  Program(Path home, List<String> prefix, String classPath) {
    this(
        home,
        prefix,
        classPath,
        SHORT_RUN,
        Map.of("HOME", home.toString(), "LC_ALL", "C.UTF-8", "TMPDIR", home.toString()),
        600);
  }

  private Program(
      Path home,
      List<String> prefix,
      String classPath,
      List<String> javaOptions,
      Map<String, String> variables,
      long longestSeconds) {
    this.home = home;
    this.prefix = prefix;
    this.classPath = classPath;
    this.javaOptions = javaOptions;
    this.variables = variables;
    this.longestSeconds = longestSeconds;
  }

  Program with(String variable, String value) {
    Map<String, String> more = new HashMap<>(variables);
    more.put(variable, value);
    return new Program(home, prefix, classPath, javaOptions, more, longestSeconds);
  }

  /// The same with another home.
  Program in(Path folder) {
    return new Program(folder, prefix, classPath, javaOptions, variables, longestSeconds)
        .with("HOME", folder.toString())
        .with("TMPDIR", folder.toString());
  }

  /// With these options for Java, and no others.
  Program javaOptions(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return new Program(home, prefix, classPath, all, variables, longestSeconds);
  }

  /// Which moves much data: as the launcher starts such commands, with Java's second compiler.
  Program movingMuch() {
    return javaOptions(LONG_RUN);
  }

  /// A server, with the heap that the launcher gives it.
  Program serving() {
    return javaOptions(LONG_RUN, "-Xmx1g");
  }

  /// Whose runs may take so long.
  Program lasting(long seconds) {
    return new Program(home, prefix, classPath, javaOptions, variables, seconds);
  }

  /// Starts it, its streams going to files.
  Running start(String... words) throws IOException {
    Path out = Files.createTempFile(home, "out", "");
    Path err = Files.createTempFile(home, "err", "");
    Process process =
        builder("org.holdfast.cli.Main", words)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new Running(process, out, err, longestSeconds);
  }

  /// Starts another class in the same way, which is talked to.
  Process startTalking(Class<?> main, Path err, String... words) throws IOException {
    return builder(main.getName(), words).redirectError(err.toFile()).start();
  }

  /// The command as a line for a shell.
  String line(String... words) {
    StringBuilder line = new StringBuilder("env");
    variables.forEach((name, value) -> line.append(" %s='%s'".formatted(name, value)));
    for (String each : builder("org.holdfast.cli.Main", words).command()) {
      line.append(" '").append(each).append('\'');
    }
    return line.toString();
  }

  private ProcessBuilder builder(String main, String... words) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("HOLDFAST_") || name.startsWith("XDG_"));
    environment.putAll(variables);
    return builder;
  }

  /// Runs it to its end.
  Outcome run(String... words) throws Exception {
    return start(words).end();
  }

  /// A process under way.
  record Running(Process process, Path out, Path err, long longestSeconds) {
    Outcome end() throws Exception {
      assertThat(process.waitFor(longestSeconds, TimeUnit.SECONDS))
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
