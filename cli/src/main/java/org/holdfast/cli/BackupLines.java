package org.holdfast.cli;

import org.holdfast.cli.console.Counted;
import org.holdfast.cli.console.Failures;
import org.holdfast.cli.console.JsonLine;
import org.holdfast.cli.console.Rate;
import org.holdfast.cli.console.Ticker;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.tree.PathText;
import org.holdfast.core.Clock;

/// How far a backup is, in a line.
final class BackupLines implements Ticker.Lines {
  private static final int PATH_LENGTH_MAX = 30;

  private final BackupProgress progress;
  private final Clock clock;
  private final long startNanos;

  BackupLines(BackupProgress progress, Clock clock) {
    this.progress = progress;
    this.clock = clock;
    this.startNanos = clock.nanos();
  }

  @Override
  public String text() {
    String path = PathText.print(progress.current());
    String shown =
        path.length() > PATH_LENGTH_MAX
            ? "..." + path.substring(path.length() - PATH_LENGTH_MAX + 3)
            : "/" + path;
    return "%s  %s  %s/s  %s stored  %s"
        .formatted(
            Counted.of(progress.files(), "file"),
            Failures.bytes(progress.bytes()),
            Failures.bytes(Rate.perSecond(progress.bytes(), clock.nanos() - startNanos)),
            Failures.bytes(progress.newBytes()),
            shown);
  }

  @Override
  public String json() {
    return new JsonLine("status")
        .with("files", progress.files())
        .with("bytes", progress.bytes())
        .with("bytes_stored", progress.newBytes())
        .with("elapsed_millis", (clock.nanos() - startNanos) / 1_000_000)
        .end();
  }
}
