package org.holdfast.sim;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What many runs come to, in a line that can be read again and added up.
///
/// @param processorSeconds of all threads, also of those that compile and collect
record Total(
    long histories,
    long failures,
    double hours,
    long steps,
    long archives,
    long faults,
    double seconds,
    double processorSeconds) {
  static final Total NONE = new Total(0, 0, 0, 0, 0, 0, 0, 0);

  private static final Pattern LINE =
      Pattern.compile(
          "total: (\\d+) histories, (\\d+) failures, ([\\d.]+) simulated hours, (\\d+) steps,"
              + " (\\d+) archives, (\\d+) faults, ([\\d.]+) s, ([\\d.]+) processor s");

  Total with(History.Outcome outcome) {
    return new Total(
        histories + 1,
        failures + (outcome.violation() == null ? 0 : 1),
        hours + outcome.nanos() / 3.6e12,
        steps + outcome.steps(),
        archives + outcome.archives(),
        faults + outcome.faults().size(),
        seconds,
        processorSeconds);
  }

  Total after(double wallSeconds, double ofProcessor) {
    return new Total(histories, failures, hours, steps, archives, faults, wallSeconds, ofProcessor);
  }

  /// With what another process did at the same time.
  Total beside(Total other) {
    return new Total(
        histories + other.histories,
        failures + other.failures,
        hours + other.hours,
        steps + other.steps,
        archives + other.archives,
        faults + other.faults,
        Math.max(seconds, other.seconds),
        processorSeconds + other.processorSeconds);
  }

  /// Of a line; null if it is none.
  static @Nullable Total of(String line) {
    Matcher found = LINE.matcher(line);
    if (!found.find()) {
      return null;
    }
    return new Total(
        Long.parseLong(found.group(1)),
        Long.parseLong(found.group(2)),
        Double.parseDouble(found.group(3)),
        Long.parseLong(found.group(4)),
        Long.parseLong(found.group(5)),
        Long.parseLong(found.group(6)),
        Double.parseDouble(found.group(7)),
        Double.parseDouble(found.group(8)));
  }

  String rates() {
    return String.format(
        Locale.ROOT,
        "%.1f histories a second, %.0f simulated hours an hour;"
            + " %.1f and %.0f for each second and hour of a processor",
        histories / seconds,
        hours / seconds * 3600,
        histories / processorSeconds,
        hours / processorSeconds * 3600);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "total: %d histories, %d failures, %.2f simulated hours, %d steps, %d archives, %d faults,"
            + " %.1f s, %.1f processor s",
        histories,
        failures,
        hours,
        steps,
        archives,
        faults,
        seconds,
        processorSeconds);
  }
}
