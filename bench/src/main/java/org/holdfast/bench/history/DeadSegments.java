package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;

/// Finds segments to clean although the index lets most rows pass: such as name no transactions but
/// those whose rows are all kept, once these have ended. What lives there by then are keys of runs.
///
/// Not thread-safe.
final class DeadSegments {
  private final boolean isWanted;
  private final Deque<SegmentId> found = new ArrayDeque<>();

  /// The transactions that a segment waits for, and the segments that wait for a transaction.
  private final Map<SegmentId, Set<Long>> waiting = new HashMap<>();

  private final Map<Long, List<SegmentId>> segments = new HashMap<>();

  /// Finds nothing unless it `isWanted`.
  DeadSegments(boolean isWanted) {
    this.isWanted = isWanted;
  }

  /// A segment is complete; `isKept` says of a transaction whether its rows are.
  void add(SegmentHeader header, LongPredicate isKept) {
    if (!isWanted) {
      return;
    }
    Set<Long> named = new HashSet<>();
    for (LogEntry entry : header.entries()) {
      if (stays(entry.item())) {
        return;
      }
      addNamed(entry, named);
    }
    if (named.isEmpty() || !named.stream().allMatch(isKept::test)) {
      return;
    }
    waiting.put(header.id(), named);
    named.forEach(
        begun -> segments.computeIfAbsent(begun, _ -> new ArrayList<>()).add(header.id()));
  }

  /// What cleaning has written is not cleaned again, nor an epoch's first segment.
  private static boolean stays(LogRecord item) {
    return switch (item) {
      case LogRecord.EpochBegun _,
          LogRecord.CleaningBegun _,
          LogRecord.CopyMoved _,
          LogRecord.RowRestated _,
          LogRecord.SegmentsRetired _ ->
          true;
      case LogRecord.CopyDeleted r -> r.again();
      default -> false;
    };
  }

  /// Not those of copies that were freed: these are gone, whoever stored them.
  private static void addNamed(LogEntry entry, Set<Long> named) {
    switch (entry.item()) {
      case LogRecord.WriteBegun r -> addBoth(entry.number(), r.ended(), named);
      case LogRecord.DeleteBegun r -> addBoth(entry.number(), r.ended(), named);
      case LogRecord.BlockStored r -> named.add(r.begun());
      case LogRecord.Checkpoint r -> named.add(r.begun());
      case LogRecord.Committed r -> named.add(r.begun());
      case LogRecord.Cancelled r -> named.add(r.begun());
      case LogRecord.TransactionCleared r -> named.add(r.begun());
      case LogRecord.CopyDeleted r -> named.add(r.begun());
      case LogRecord.DeleteCommitted r -> named.add(r.begun());
      case LogRecord.DeleteUndone r -> named.add(r.begun());
      case LogRecord.DeleteExpired r -> named.add(r.begun());
      default -> {}
    }
  }

  private static void addBoth(long begun, long ended, Set<Long> named) {
    named.add(begun);
    if (ended != 0) {
      named.add(ended);
    }
  }

  /// Nothing of the transaction is left but keys of runs, whose rows are kept.
  void ended(long begun) {
    List<SegmentId> waited = segments.remove(begun);
    if (waited == null) {
      return;
    }
    for (SegmentId id : waited) {
      Set<Long> named = waiting.get(id);
      if (named != null && named.remove(begun) && named.isEmpty()) {
        waiting.remove(id);
        found.add(id);
      }
    }
  }

  /// One that was found.
  Optional<SegmentId> next() {
    return Optional.ofNullable(found.poll());
  }

  /// The transaction's rows are not kept any more, though some of what it names is there.
  void lost(long begun) {
    List<SegmentId> waited = segments.remove(begun);
    if (waited != null) {
      waited.forEach(waiting::remove);
    }
  }
}
