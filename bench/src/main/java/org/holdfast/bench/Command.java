package org.holdfast.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Runs a command as a process and measures it from outside.
final class Command {
  private static final long SAMPLE_MILLIS = 5;

  /// USER_HZ, of the kernel's interface to all programs.
  private static final double TICKS_A_SECOND = 100;

  private final Map<String, String> environment;
  private final Path log;

  Command(Map<String, String> environment, Path log) {
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  /// Runs it to its end. Throws if it fails; its output is in the log.
  Measured run(Path folder, List<String> words) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process = start(folder, words);
    long peakBytes = 0;
    double processorSeconds = 0;
    while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
      peakBytes = Math.max(peakBytes, peakBytes(process.pid()));
      processorSeconds = Math.max(processorSeconds, processorSeconds(process.pid()));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    check(words, process);
    return new Measured(seconds, processorSeconds, peakBytes);
  }

  /// Runs it to its end and answers what it prints.
  String ask(Path folder, List<String> words) throws IOException, InterruptedException {
    Process process =
        builder(folder, words)
            .redirectOutput(ProcessBuilder.Redirect.PIPE)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    byte[] output = process.getInputStream().readAllBytes();
    process.waitFor();
    check(words, process);
    return new String(output, StandardCharsets.UTF_8).strip();
  }

  /// Starts it and leaves it running.
  Process start(Path folder, List<String> words) throws IOException {
    return builder(folder, words).start();
  }

  private ProcessBuilder builder(Path folder, List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().putAll(environment);
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
  }

  private void check(List<String> words, Process process) throws IOException {
    if (process.exitValue() != 0) {
      throw new IOException(
          "%s failed with exit code %d: see %s"
              .formatted(String.join(" ", words), process.exitValue(), log));
    }
  }

  /// What it has used of the processors so far, with its children that have ended (an ssh, the
  /// first commands of a script); 0 if it is gone.
  static double processorSeconds(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      // The name before may have spaces in it.
      String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Stream.of(words).skip(11).limit(4).mapToLong(Long::parseLong).sum() / TICKS_A_SECOND;
    } catch (IOException e) {
      return 0;
    }
  }

  /// The most memory that the process has had resident; 0 if it is gone.
  static long peakBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // The process has ended between two samples.
    }
    return 0;
  }

  /// Wall time, the processors' time until shortly before its end, and peak resident memory.
  record Measured(double seconds, double processorSeconds, long peakBytes) {}
}
