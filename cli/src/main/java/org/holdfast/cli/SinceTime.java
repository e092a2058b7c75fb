package org.holdfast.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.PosixTree;
import org.holdfast.client.tree.RawArguments;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.Timestamp;
import org.holdfast.client.tree.TreePath;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;

/// A time as a person gives it: a day, a day and a time of day, both in this machine's time zone, a
/// moment in UTC, or the time at which a file was changed.
final class SinceTime {
  private static final List<Function<String, Instant>> FORMS =
      List.of(
          Instant::parse,
          text -> LocalDateTime.parse(text).atZone(ZoneId.systemDefault()).toInstant(),
          text -> LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant());

  private SinceTime() {}

  static Timestamp of(String text, RawArguments arguments) throws HoldfastException {
    String strict = text.strip().replaceFirst("^(\\d{4}-\\d\\d-\\d\\d) (\\d)", "$1T$2");
    for (Function<String, Instant> each : FORMS) {
      Optional<Instant> moment = parse(strict, each);
      if (moment.isPresent()) {
        Instant found = moment.get();
        return new Timestamp(found.getEpochSecond(), found.getNano());
      }
    }
    try (SourceTree file = PosixTree.open(arguments.bytesOf(text))) {
      return file.status(TreePath.root()).mtime();
    } catch (FileAccessException e) {
      throw new RefusedException(
          "'" + text + "' is no time and no file: write 2026-11-01, 2026-11-01T18:30 or a path", e);
    }
  }

  private static Optional<Instant> parse(String text, Function<String, Instant> form) {
    try {
      return Optional.of(form.apply(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
