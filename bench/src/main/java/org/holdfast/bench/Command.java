package org.holdfast.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Runs a command as a process and measures it from outside.
final class Command {
  private static final long SAMPLE_MILLIS = 10;

  private final Map<String, String> environment;
  private final Path log;

  Command(Map<String, String> environment, Path log) {
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  /// Runs it to its end; a failure ends the comparison, with the command's output in the log.
  Measured run(Path folder, List<String> words) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process = start(folder, words);
    long peakKib = 0;
    while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
      peakKib = Math.max(peakKib, residentPeakKib(process.pid()));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    if (process.exitValue() != 0) {
      throw new IOException(words + " failed with " + process.exitValue() + ": see " + log);
    }
    return new Measured(seconds, peakKib / 1024);
  }

  /// Starts it and leaves it running.
  Process start(Path folder, List<String> words) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().putAll(environment);
    File output = log.toFile();
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(output));
    return builder.start();
  }

  /// The most memory that the process has had, in KiB; 0 if it is gone.
  static long residentPeakKib(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      // The process has ended between two samples.
    }
    return 0;
  }

  /// Wall time and peak resident memory, in MiB.
  record Measured(double seconds, long peakMib) {}
}
