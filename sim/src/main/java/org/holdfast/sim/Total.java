package org.holdfast.sim;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What many runs come to, in a line that can be read again and added up.
///
/// @param imagesMade of the index, that were put into the bucket
/// @param imagesTaken by starts of servers
/// @param imagesLeft by starts that could not use them
/// @param processorSeconds of all threads, also of those that compile and collect
record Total(
    long histories,
    long failures,
    double hours,
    long steps,
    long archives,
    long faults,
    long imagesMade,
    long imagesTaken,
    long imagesLeft,
    double seconds,
    double processorSeconds) {
  static final Total NONE = new Total(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private static final Pattern LINE =
      Pattern.compile(
          "total: (\\d+) histories, (\\d+) failures, ([\\d.]+) simulated hours, (\\d+) steps,"
              + " (\\d+) archives, (\\d+) faults, (\\d+) images made, (\\d+) taken, (\\d+) left,"
              + " ([\\d.]+) s, ([\\d.]+) processor s");

  Total with(History.Outcome outcome) {
    return new Total(
        histories + 1,
        failures + (outcome.violation() == null ? 0 : 1),
        hours + outcome.nanos() / 3.6e12,
        steps + outcome.steps(),
        archives + outcome.archives(),
        faults + outcome.faults().size(),
        imagesMade + outcome.imagesMade(),
        imagesTaken + outcome.imagesTaken(),
        imagesLeft + outcome.imagesLeft(),
        seconds,
        processorSeconds);
  }

  Total after(double wallSeconds, double ofProcessor) {
    return new Total(
        histories,
        failures,
        hours,
        steps,
        archives,
        faults,
        imagesMade,
        imagesTaken,
        imagesLeft,
        wallSeconds,
        ofProcessor);
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
        imagesMade + other.imagesMade,
        imagesTaken + other.imagesTaken,
        imagesLeft + other.imagesLeft,
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
        Long.parseLong(found.group(7)),
        Long.parseLong(found.group(8)),
        Long.parseLong(found.group(9)),
        Double.parseDouble(found.group(10)),
        Double.parseDouble(found.group(11)));
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
            + " %d images made, %d taken, %d left, %.1f s, %.1f processor s",
        histories,
        failures,
        hours,
        steps,
        archives,
        faults,
        imagesMade,
        imagesTaken,
        imagesLeft,
        seconds,
        processorSeconds);
  }
}
