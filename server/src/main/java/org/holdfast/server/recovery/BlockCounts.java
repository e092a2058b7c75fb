package org.holdfast.server.recovery;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.RecordCursor;
import org.holdfast.log.RecordCursor.What;

/// How many records of chunks, pages and runs each machine has, by class.
///
/// Used by one thread.
final class BlockCounts {
  private final Map<MachineId, long[]> counts = new HashMap<>();

  void add(MachineId machine, int kind, long count) {
    counts.computeIfAbsent(machine, _ -> new long[BlockRecords.CLASSES])[kind] += count;
  }

  /// A header's, as if there were so many of it.
  void add(HeaderBytes header, int times) throws CorruptException {
    for (RecordCursor each = header.records(); each.next(); ) {
      if (each.what() != What.OTHER && !each.isRoot()) {
        add(each.machine(), each.classCode() - 1, times);
      }
    }
  }

  /// In how many parts those of one class are put, so that each has `records` records at most if
  /// names are hashes.
  int parts(MachineId machine, int kind, int records) {
    long[] its = counts.get(machine);
    return its == null ? 1 : (int) Math.max(1, (its[kind] + records - 1) / records);
  }
}
