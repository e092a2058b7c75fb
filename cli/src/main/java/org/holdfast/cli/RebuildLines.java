package org.holdfast.cli;

import java.util.Locale;
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
    this.state = new AtomicReference<>(new State(Rebuild.Phase.FETCHING, 0, 0, 0, clock.nanos()));
  }

  @Override
  public void at(Rebuild.Phase phase, long done, long all, long records) {
    State before = state.get();
    long since = before.phase == phase ? before.sinceNanos : clock.nanos();
    state.set(new State(phase, done, all, records, since));
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
    String line =
        "%s %d of %d %s"
            .formatted(
                verb(now.phase),
                now.done,
                now.all,
                now.phase == Rebuild.Phase.LOADING ? "files" : "segments");
    if (now.records > 0) {
      line += "  %d records/s".formatted(Rate.perSecond(now.records, nanos));
    }
    if (now.done > 0 && now.done < now.all) {
      line += "  %d s left".formatted(nanos / now.done * (now.all - now.done) / 1_000_000_000);
    }
    return line + "  bound by " + bound();
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
    return new JsonLine("status")
        .with("phase", now.phase.name().toLowerCase(Locale.ROOT))
        .with("done", now.done)
        .with("total", now.all)
        .with("records", now.records)
        .with("bound_by", bound().name().toLowerCase(Locale.ROOT))
        .end();
  }

  private record State(Rebuild.Phase phase, long done, long all, long records, long sinceNanos) {}
}
