package org.holdfast.cli;

import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Rate;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.look.VerifyProgress;
import org.holdfast.core.Clock;

/// How far a verification is, in a line.
final class VerifyLines implements Ticker.Lines {
  private final VerifyProgress progress;
  private final Clock clock;
  private final long startNanos;

  VerifyLines(VerifyProgress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    this.startNanos = clock.nanos();
  }

  @Override
  public String text() {
    return "%d entries  %d of %d chunks  %s  %s/s"
        .formatted(
            progress.entries(),
            progress.chunks(),
            progress.chunksWanted(),
            Failures.bytes(progress.bytes()),
            Failures.bytes(Rate.perSecond(progress.bytes(), clock.nanos() - startNanos)));
  }

  @Override
  public String json() {
    return new JsonLine("status")
        .with("entries", progress.entries())
        .with("chunks", progress.chunks())
        .with("chunks_wanted", progress.chunksWanted())
        .with("bytes", progress.bytes())
        .end();
  }
}
