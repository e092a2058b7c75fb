package org.holdfast.cli;

import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Rate;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.core.Clock;

/// How far a restore is, in a line.
final class RestoreLines implements Ticker.Lines {
  private final RestoreProgress progress;
  private final Clock clock;
  private final long startNanos;

  RestoreLines(RestoreProgress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    this.startNanos = clock.nanos();
  }

  @Override
  public String text() {
    return "%d of %d entries  %s of %s  %s/s"
        .formatted(
            progress.entries(),
            progress.entriesTotal(),
            Failures.bytes(progress.bytes()),
            Failures.bytes(progress.bytesTotal()),
            Failures.bytes(Rate.perSecond(progress.bytes(), clock.nanos() - startNanos)));
  }

  @Override
  public String json() {
    return new JsonLine("status")
        .with("entries", progress.entries())
        .with("entries_total", progress.entriesTotal())
        .with("bytes", progress.bytes())
        .with("bytes_total", progress.bytesTotal())
        .with("elapsed_millis", (clock.nanos() - startNanos) / 1_000_000)
        .end();
  }
}
