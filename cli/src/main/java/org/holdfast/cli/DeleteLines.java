package org.holdfast.cli;

import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.core.Clock;

/// How far a deletion is, in a line.
final class DeleteLines implements Ticker.Lines {
  private final TidyProgress progress;
  private final Clock clock;
  private final long startNanos;

  DeleteLines(TidyProgress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    this.startNanos = clock.nanos();
  }

  @Override
  public String text() {
    return "%d of %d new archives counted  %d pages read  %d blocks named"
        .formatted(
            progress.archivesDone(), progress.archives(), progress.pages(), progress.blocks());
  }

  @Override
  public String json() {
    return new JsonLine("status")
        .with("archives_counted", progress.archivesDone())
        .with("archives_to_count", progress.archives())
        .with("pages", progress.pages())
        .with("blocks", progress.blocks())
        .with("elapsed_millis", (clock.nanos() - startNanos) / 1_000_000)
        .end();
  }
}
