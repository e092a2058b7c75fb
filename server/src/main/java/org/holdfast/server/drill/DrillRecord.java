package org.holdfast.server.drill;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a drill has found, in a line of text.
///
/// ```
/// 2026-03-01T09:14:07Z equal gentle=1 segments=4100 header-bytes=98000000 records=1200000
///   gets=4102 lists=257 read-bytes=240000000 fetch-ms=410000 replay-ms=9000 why=
/// ```
///
/// @param atMillis when it was at its end
/// @param isGentle whether it gave way to clients, and read one thing at a time
/// @param work what it had to do, and how long that took
/// @param why it has failed; empty if it has not
public record DrillRecord(long atMillis, Result result, boolean isGentle, Work work, String why) {
  /// What became of it.
  public enum Result {
    /// The state is what the live one was at the same place.
    EQUAL,
    /// The state is what the log's own digests say. There was no live one to compare it with.
    PROVEN,
    /// The state is not what the live one was.
    DIFFERENT,
    /// No state could be made, or none that fits the log's digests.
    FAILED
  }

  /// What a drill did.
  ///
  /// @param segments that count
  /// @param headerBytes of these, as long as they are in the bucket
  /// @param records the number of the last one
  /// @param gets requests for objects
  /// @param lists requests for listings
  /// @param readBytes that came from the bucket
  /// @param fetchMillis worked until the headers were there
  /// @param replayMillis worked after that
  public record Work(
      long segments,
      long headerBytes,
      long records,
      long gets,
      long lists,
      long readBytes,
      long fetchMillis,
      long replayMillis) {
    public static final Work NONE = new Work(0, 0, 0, 0, 0, 0, 0, 0);

    public long recordsPerSecond() {
      return records * 1000 / Math.max(1, fetchMillis + replayMillis);
    }
  }

  public boolean isGood() {
    return result == Result.EQUAL || result == Result.PROVEN;
  }

  /// As the result is called.
  public String resultName() {
    return result.name().toLowerCase(Locale.ROOT);
  }

  String text() {
    return "%s %s gentle=%d segments=%d header-bytes=%d records=%d gets=%d lists=%d"
            .formatted(
                Instant.ofEpochMilli(atMillis),
                resultName(),
                isGentle ? 1 : 0,
                work.segments,
                work.headerBytes,
                work.records,
                work.gets,
                work.lists)
        + " read-bytes=%d fetch-ms=%d replay-ms=%d why=%s"
            .formatted(work.readBytes, work.fetchMillis, work.replayMillis, why);
  }

  /// Empty for a line that is none, or not whole.
  static Optional<DrillRecord> of(String line) {
    int whyAt = line.indexOf(" why=");
    String[] words = whyAt < 0 ? new String[0] : line.substring(0, whyAt).split(" ", -1);
    if (words.length < 3) {
      return Optional.empty();
    }
    try {
      Map<String, Long> values = new HashMap<>();
      for (int i = 2; i < words.length; i++) {
        String[] pair = words[i].split("=", 2);
        values.put(pair[0], Long.parseLong(pair[pair.length - 1]));
      }
      return Optional.of(
          new DrillRecord(
              Instant.parse(words[0]).toEpochMilli(),
              Result.valueOf(words[1].toUpperCase(Locale.ROOT)),
              value(values, "gentle") != 0,
              work(values),
              line.substring(whyAt + " why=".length())));
    } catch (DateTimeParseException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Work work(Map<String, Long> values) {
    return new Work(
        value(values, "segments"),
        value(values, "header-bytes"),
        value(values, "records"),
        value(values, "gets"),
        value(values, "lists"),
        value(values, "read-bytes"),
        value(values, "fetch-ms"),
        value(values, "replay-ms"));
  }

  private static long value(Map<String, Long> values, String name) {
    Long value = values.get(name);
    if (value == null || value < 0) {
      throw new IllegalArgumentException("no " + name);
    }
    return value;
  }
}
