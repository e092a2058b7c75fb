package org.holdfast.cli;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.cli.console.Host;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Output;
import org.holdfast.cli.console.Rate;
import org.holdfast.cli.console.Ticker;
import org.holdfast.core.Clock;
import org.holdfast.server.Rebuild;

/// How far a rebuild, or a drill, is.
final class RebuildLines implements Ticker.Lines, Rebuild.Progress {
  private final Clock clock;
  private final Output output;
  private final AtomicReference<State> state;
  private final BoundWatch bound = new BoundWatch(Runtime.getRuntime().availableProcessors());
  private volatile long waitedNanos;

  RebuildLines(Clock clock, Output output) {
    this.clock = clock;
    this.output = output;
    this.state =
        new AtomicReference<>(new State(Rebuild.Phase.FETCHING, 0, 0, 0, 0, 0, clock.nanos()));
  }

  @Override
  public void at(Rebuild.Phase phase, long done, long all, long records) {
    State before = state.get();
    // One that goes on where another was cut short begins with what that has done.
    boolean isSame = before.phase == phase && before.all > 0;
    state.set(
        new State(
            phase,
            done,
            all,
            records,
            isSame ? before.doneBefore : done - 1,
            before.phase == phase
                ? before.recordsBefore
                : Math.max(before.recordsBefore, before.records),
            isSame ? before.sinceNanos : clock.nanos()));
  }

  @Override
  public void waited(long nanos) {
    waitedNanos = nanos;
  }

  @Override
  public void inOrder(String why) {
    output.warn("replaying all records in order, which takes longer: " + why);
  }

  @Override
  public String text() {
    State now = state.get();
    long nanos = clock.nanos() - now.sinceNanos;
    String line = "%s %d of %d %s".formatted(verb(now.phase), now.done, now.all, things(now));
    line +=
        now.records > 0
            ? "  %d records/s".formatted(Rate.perSecond(now.records - now.recordsBefore, nanos))
            : "  %d %s/s".formatted(Rate.perSecond(now.done - now.doneBefore, nanos), things(now));
    OptionalLong left = secondsLeft(now, nanos);
    if (left.isPresent()) {
      line += "  %d s left".formatted(left.getAsLong());
    }
    return line + "  bound by " + bound();
  }

  private static String things(State now) {
    return now.phase == Rebuild.Phase.LOADING ? "files" : "segments";
  }

  /// Of this phase, at its rate so far; empty while nothing of it is done, or all of it.
  private static OptionalLong secondsLeft(State now, long nanos) {
    long done = now.done - now.doneBefore;
    return done > 0 && now.done < now.all
        ? OptionalLong.of((long) ((double) nanos / done * (now.all - now.done) / 1e9))
        : OptionalLong.empty();
  }

  private Bound bound() {
    return bound.now(clock.nanos(), Host.processorNanos(), waitedNanos);
  }

  private static String verb(Rebuild.Phase phase) {
    return switch (phase) {
      case FETCHING -> "1/4 read headers of";
      case SORTING -> "2/4 sorted";
      case LOADING -> "3/4 loaded";
      case REPLAYING -> "4/4 replayed";
    };
  }

  @Override
  public String json() {
    State now = state.get();
    long nanos = clock.nanos() - now.sinceNanos;
    JsonLine line =
        new JsonLine("status")
            .with("phase", now.phase.name().toLowerCase(Locale.ROOT))
            .with("done", now.done)
            .with("total", now.all)
            .with("records", now.records)
            .with("done_per_second", Rate.perSecond(now.done - now.doneBefore, nanos));
    secondsLeft(now, nanos).ifPresent(left -> line.with("seconds_left", left));
    return line.with("bound_by", bound().name().toLowerCase(Locale.ROOT)).end();
  }

  /// @param doneBefore what of it was done when it began
  /// @param recordsBefore what the phases before it had come to
  private record State(
      Rebuild.Phase phase,
      long done,
      long all,
      long records,
      long doneBefore,
      long recordsBefore,
      long sinceNanos) {}
}
