package org.holdfast.server.session;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.holdfast.log.SegmentId;
import org.holdfast.server.shard.Damage;

/// Tells of damaged objects, each once: a session may meet one many times. Any thread.
final class DamageReport {
  /// Objects that are told of by one session, so that it cannot fill a log.
  private static final int TOLD_MAX = 1_000;

  private final Consumer<String> lines;
  private final Set<Told> told = ConcurrentHashMap.newKeySet();

  DamageReport(Consumer<String> lines) {
    this.lines = lines;
  }

  void tell(SegmentId segment, Damage damage) {
    if (told.size() < TOLD_MAX && told.add(new Told(segment, damage))) {
      lines.accept(damage.line(segment));
    }
  }

  private record Told(SegmentId segment, Damage damage) {}
}
