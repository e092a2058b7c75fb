package org.holdfast.server.drill;

import java.util.List;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;

/// When a drill is due, and how the last ones went, whoever made them: the book is read each time.
///
/// Any thread.
public final class DrillWatch {
  private static final long DAY_MILLIS = 24L * 3600 * 1000;

  private final DrillBook book;
  private final Clock clock;
  private final long periodMillis;
  private final long sinceMillis;

  public DrillWatch(DrillBook book, Clock clock, long periodMillis) {
    this.book = book;
    this.clock = clock;
    this.periodMillis = periodMillis;
    this.sinceMillis = clock.wallMillis();
  }

  /// After one that has failed the next is soon: it may have been a bad day of the bucket.
  public boolean isDue() throws RefusedException {
    List<DrillRecord> all = book.all();
    if (all.isEmpty()) {
      return true;
    }
    long agoMillis = clock.wallMillis() - all.getLast().atMillis();
    long waitMillis = all.getLast().isGood() ? periodMillis : Math.min(periodMillis, DAY_MILLIS);
    // A clock that was set back must not put it off for years.
    return agoMillis >= waitMillis || agoMillis < 0;
  }

  public Report report() throws RefusedException {
    List<DrillRecord> all = book.all();
    long now = clock.wallMillis();
    Optional<DrillRecord> good = all.reversed().stream().filter(DrillRecord::isGood).findFirst();
    return new Report(
        all.isEmpty() ? Optional.empty() : Optional.of(all.getLast()),
        all.isEmpty() ? 0 : Math.max(0, now - all.getLast().atMillis()),
        Math.max(0, now - good.map(DrillRecord::atMillis).orElse(sinceMillis)),
        periodMillis);
  }

  /// The last drill and how long ago that was; how long there has been no good one, by the last
  /// good one or else since the process began to look.
  public record Report(
      Optional<DrillRecord> last, long lastAgoMillis, long noGoodMillis, long periodMillis) {}
}
