package org.holdfast.cli;

import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Rate;
import org.holdfast.cli.console.Ticker;
import org.holdfast.core.Clock;
import org.holdfast.server.export.ExportProgress;

/// How far an export is, in a line.
final class ExportLines implements Ticker.Lines {
  private final ExportProgress progress;
  private final Clock clock;
  private final long startNanos;

  /// When the first block was seen to be copied; 0 before.
  private volatile long copyingNanos;

  ExportLines(ExportProgress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    this.startNanos = clock.nanos();
  }

  @Override
  public String text() {
    long all = progress.bytesTotal();
    if (all == 0) {
      return "%d of %d segments read".formatted(progress.segments(), progress.segmentsTotal());
    }
    long rate = rate();
    return "%s of %s  %s/s%s"
        .formatted(
            Failures.bytes(progress.bytes()),
            Failures.bytes(all),
            Failures.bytes(rate),
            rate == 0 ? "" : "  " + left((all - progress.bytes()) / rate) + " left");
  }

  private long rate() {
    long now = clock.nanos();
    if (copyingNanos == 0) {
      copyingNanos = now;
    }
    return Rate.perSecond(progress.bytes(), now - copyingNanos);
  }

  private static String left(long seconds) {
    return "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  @Override
  public String json() {
    return new JsonLine("status")
        .with("segments", progress.segments())
        .with("segments_total", progress.segmentsTotal())
        .with("bytes", progress.bytes())
        .with("bytes_total", progress.bytesTotal())
        .with("elapsed_millis", (clock.nanos() - startNanos) / 1_000_000)
        .end();
  }
}
