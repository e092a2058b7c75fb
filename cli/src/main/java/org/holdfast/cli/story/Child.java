package org.holdfast.cli.story;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;

/// A process of this program. Reads both of its streams to their ends, and keeps a bounded part.
final class Child {
  private static final int LINES_MAX = 1000;

  private final String name;
  private final Process process;
  private final List<String> output = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private final AtomicReference<String> lastLine = new AtomicReference<>("");
  private final List<Thread> readers = new ArrayList<>();

  private Child(String name, Process process) {
    this.name = name;
    this.process = process;
  }

  static Child start(ProcessBuilder builder, Spawner spawner, String name) throws IOException {
    Child child = new Child(name, builder.start());
    child.process.getOutputStream().close();
    child.readers.add(
        spawner.spawn(name + " output", () -> child.read(child.process.inputReader(), true)));
    child.readers.add(
        spawner.spawn(name + " errors", () -> child.read(child.process.errorReader(), false)));
    return child;
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /// The newest line of its output; empty before the first.
  String lastLine() {
    return lastLine.get();
  }

  List<String> errors() {
    synchronized (errors) {
      return List.copyOf(errors);
    }
  }

  /// SIGKILL.
  void kill() {
    process.destroyForcibly();
  }

  /// SIGTERM.
  void stop() {
    process.destroy();
  }

  /// Waits for its end, and answers its exit code.
  int await() throws RefusedException {
    try {
      int exitCode = process.waitFor();
      for (Thread reader : readers) {
        reader.join();
      }
      return exitCode;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("interrupted", e);
    }
  }

  /// Answers whether it has ended by then.
  boolean endsWithin(long millis) throws RefusedException {
    try {
      return process.waitFor(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException("interrupted", e);
    }
  }

  /// Waits for its end, which must be a good one, and answers what it printed.
  List<String> succeed() throws RefusedException {
    int exitCode = await();
    if (exitCode != 0) {
      throw failed(exitCode);
    }
    synchronized (output) {
      return List.copyOf(output);
    }
  }

  RefusedException failed(int exitCode) {
    List<String> said = errors();
    return new RefusedException(
        "`holdfast "
            + name
            + "` ended with exit code "
            + exitCode
            + (said.isEmpty() ? "" : ": " + String.join(" / ", said)));
  }

  /// The fields of a line of JSON.
  static Map<String, String> fields(String line) {
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(line)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          fields.put(String.valueOf(parser.currentName()), parser.getText());
        }
      }
    } catch (IOException e) {
      fields.clear();
    }
    return fields;
  }

  private void read(BufferedReader from, boolean isOutput) {
    List<String> lines = isOutput ? output : errors;
    try (from) {
      for (String line = from.readLine(); line != null; line = from.readLine()) {
        if (isOutput) {
          lastLine.set(line);
        }
        synchronized (lines) {
          lines.add(line);
          if (lines.size() > LINES_MAX) {
            lines.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      // The process was killed: there is nothing more to read.
    }
  }
}
