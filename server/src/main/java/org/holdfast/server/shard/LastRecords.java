package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import org.holdfast.log.LogEntry;

/// The kinds of the last records that were appended, for a report of what should not be possible.
/// Kinds and numbers alone: what is in records is nobody's business.
///
/// Not thread-safe: the owner's loop calls every method.
final class LastRecords {
  private static final int RECORDS_MAX = 32;

  private final Deque<Seen> last = new ArrayDeque<>();

  void add(LogEntry entry) {
    last.addLast(new Seen(entry.number(), entry.item().getClass().getSimpleName()));
    if (last.size() > RECORDS_MAX) {
      last.removeFirst();
    }
  }

  /// A line each, the oldest first.
  String lines() {
    StringBuilder lines = new StringBuilder();
    last.forEach(each -> lines.append(each.number).append(' ').append(each.kind).append('\n'));
    return lines.toString();
  }

  private record Seen(long number, String kind) {}
}
