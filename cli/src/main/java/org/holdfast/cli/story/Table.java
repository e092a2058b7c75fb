package org.holdfast.cli.story;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.Output;
import org.holdfast.core.Clock;

/// The steps of the story, with what each took, in 80 columns. What else there is to say of a step
/// stands below it.
final class Table {
  private static final String NONE = "";

  private final Clock clock;
  private final Output output;
  private final List<Row> rows = new ArrayList<>();
  private String step = NONE;
  private long startNanos;

  Table(Clock clock, Output output) {
    this.clock = clock;
    this.output = output;
  }

  void begin(String name) {
    step = name;
    startNanos = clock.nanos();
    output.say("... " + name);
  }

  /// How far the step is.
  void progress(String line) {
    if (!output.isQuiet()) {
      output.terminal().progress(line);
    }
  }

  void end(String result) {
    end(NONE, NONE, NONE, result);
  }

  void end(long files, long bytes, long storedBytes, String result) {
    end(
        Long.toString(files),
        Failures.bytes(bytes),
        storedBytes < 0 ? NONE : Failures.bytes(storedBytes),
        result);
  }

  private void end(String files, String bytes, String stored, String result) {
    long nanos = clock.nanos() - startNanos;
    rows.add(new Row(step, nanos / 1e9, files, bytes, stored, result));
    step = NONE;
    output.terminal().wipe();
  }

  /// Also the step that did not come to its end.
  void print() {
    if (!step.isEmpty()) {
      end("DID NOT HOLD");
    }
    line("step", "time", "files", "bytes", "stored");
    for (Row row : rows) {
      line(
          row.step,
          String.format(Locale.ROOT, "%.2f s", row.seconds),
          row.files,
          row.bytes,
          row.stored);
      if (!row.result.isEmpty()) {
        output.terminal().print("    " + row.result);
      }
    }
  }

  private void line(String... cells) {
    String line = String.format(Locale.ROOT, "%-40s %9s %9s %8s %8s", (Object[]) cells);
    output.terminal().print(line.stripTrailing());
  }

  private record Row(
      String step, double seconds, String files, String bytes, String stored, String result) {}
}
