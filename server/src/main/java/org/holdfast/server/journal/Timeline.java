package org.holdfast.server.journal;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What starts, rebuilds and drills have done, and when by the wall clock: the file `timeline` in
/// the state folder, so that after an outage nobody has to remember.
///
/// ```
/// 2026-03-01T09:14:07.120Z rebuild: reading headers ended: 4100 of 4100 segments in 12.1 s, ...
/// ```
///
/// What cannot be written there holds nobody up.
///
/// Any thread.
public final class Timeline {
  private static final Logger LOG = LoggerFactory.getLogger(Timeline.class);

  private static final String NAME = "timeline";

  /// Some thousand lines: years of starts, or hundreds of rebuilds.
  private static final int LENGTH_MAX = 256 << 10;

  private final Optional<Journal> journal;
  private final Clock clock;
  private final String what;

  private Timeline(Optional<Journal> journal, Clock clock, String what) {
    this.journal = journal;
    this.clock = clock;
    this.what = what;
  }

  /// Of what is done in this state folder.
  public static Timeline in(Path folder, Clock clock, String what) {
    return new Timeline(Optional.of(new Journal(folder.resolve(NAME), LENGTH_MAX)), clock, what);
  }

  /// Of what nobody will ask about.
  public static Timeline none(Clock clock) {
    return new Timeline(Optional.empty(), clock, "");
  }

  /// It has come to this.
  public void note(String event) {
    if (journal.isEmpty()) {
      return;
    }
    Instant now = Instant.ofEpochMilli(clock.wallMillis()).truncatedTo(ChronoUnit.MILLIS);
    try {
      journal.get().add(now + " " + what + ": " + event);
    } catch (RefusedException e) {
      LOG.warn("the timeline lacks `{}: {}`: {}", what, event, e.getMessage());
    }
  }
}
