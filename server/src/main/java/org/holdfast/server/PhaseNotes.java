package org.holdfast.server;

import java.util.Locale;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.server.journal.Timeline;

/// Notes in the timeline when the phases of a rebuild, or of a drill, begin and end, and passes all
/// on.
///
/// Used by one thread.
final class PhaseNotes implements Rebuild.Progress {
  private final Timeline timeline;
  private final Clock clock;
  private final Rebuild.Progress inner;
  private Optional<Reached> reached = Optional.empty();

  PhaseNotes(Timeline timeline, Clock clock, Rebuild.Progress inner) {
    this.timeline = timeline;
    this.clock = clock;
    this.inner = inner;
  }

  @Override
  public void at(Rebuild.Phase phase, long done, long all, long records) {
    Optional<Reached> before = reached.filter(each -> each.phase == phase);
    if (before.isEmpty()) {
      ended();
      timeline.note(
          "%s begun, at %d of %d %s".formatted(name(phase), done - 1, all, things(phase)));
    }
    // One that went on where another was cut short has not done what was there.
    long from = before.map(Reached::from).orElse(done - 1);
    long since = before.map(Reached::sinceNanos).orElseGet(clock::nanos);
    reached = Optional.of(new Reached(phase, from, done, all, records, since));
    inner.at(phase, done, all, records);
  }

  @Override
  public void waited(long nanos) {
    inner.waited(nanos);
  }

  @Override
  public void inOrder(String why) {
    ended();
    timeline.note("all records in order, which is slower: " + why);
    inner.inOrder(why);
  }

  /// The last phase has come to its end.
  void ended() {
    reached.ifPresent(each -> {
      double seconds = Math.max(0.001, (clock.nanos() - each.sinceNanos) / 1e9);
      timeline.note(
          String.format(
              Locale.ROOT,
              "%s ended, %d of %d %s in %.1f s, %.0f a second%s",
              name(each.phase),
              each.done,
              each.all,
              things(each.phase),
              seconds,
              (each.done - each.from) / seconds,
              each.records > 0 ? ", up to record " + each.records : ""));
    });
    reached = Optional.empty();
  }

  /// The last phase does not come to its end.
  void cutShort(Throwable why) {
    String where =
        reached
            .map(each ->
                " "
                    + name(each.phase)
                    + ", at "
                    + each.done
                    + " of "
                    + each.all
                    + " "
                    + things(each.phase))
            .orElse("");
    timeline.note("CUT SHORT" + where + ": " + why.getMessage());
    reached = Optional.empty();
  }

  private static String name(Rebuild.Phase phase) {
    return switch (phase) {
      case FETCHING -> "reading headers";
      case SORTING -> "sorting";
      case LOADING -> "loading";
      case REPLAYING -> "replaying";
    };
  }

  private static String things(Rebuild.Phase phase) {
    return phase == Rebuild.Phase.LOADING ? "files" : "segments";
  }

  /// How far a phase has come, from where, and when it began.
  private record Reached(
      Rebuild.Phase phase, long from, long done, long all, long records, long sinceNanos) {}
}
