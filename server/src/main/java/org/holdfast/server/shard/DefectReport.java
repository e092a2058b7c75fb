package org.holdfast.server.shard;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what was seen when something happened that should never happen, in a file of the state
/// folder: who looks into it later has more than the last lines of a log. Without ids, names, keys
/// or content.
///
/// Any thread.
final class DefectReport {
  private static final Logger LOG = LoggerFactory.getLogger(DefectReport.class);

  private final Clock clock;
  private volatile Optional<StateFolder> folder = Optional.empty();
  private volatile Optional<String> last = Optional.empty();

  DefectReport(Clock clock) {
    this.clock = clock;
  }

  void keepIn(StateFolder state) {
    folder = Optional.of(state);
  }

  /// What the folder says of checks that rebuilds went on without.
  List<String> overrides() {
    return folder.map(StateFolder::overrides).orElse(List.of());
  }

  /// The folder is somebody else's from here on.
  void close() {
    folder = Optional.empty();
  }

  /// Writes a report and says in the log where it is. `seen` is what the owner knows.
  void write(Throwable defect, String seen) {
    long millis = clock.wallMillis();
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      out.printf("time     %s%n", Instant.ofEpochMilli(millis));
      out.printf("thread   %s%n", Thread.currentThread().getName());
      out.printf(
          "memory   %d of %d bytes are free%n",
          Runtime.getRuntime().freeMemory(), Runtime.getRuntime().maxMemory());
      out.print(seen);
      out.println();
      defect.printStackTrace(out);
    }
    keep(millis, text.toString());
  }

  private void keep(long millis, String text) {
    Optional<StateFolder> place = folder;
    if (place.isEmpty()) {
      return;
    }
    try {
      last = Optional.of(place.get().addDefect(millis, text).toString());
      LOG.error("what was seen is in {}", last.get());
    } catch (RefusedException e) {
      LOG.error("what was seen cannot be kept ({}):\n{}", e.getMessage(), text);
    }
  }

  /// The file of the last report since the start.
  Optional<String> last() {
    return last;
  }
}
