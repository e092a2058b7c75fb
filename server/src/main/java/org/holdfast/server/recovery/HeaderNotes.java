package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.RecordCursor;
import org.holdfast.log.RecordCursor.What;

/// A header, with what has to be known of it before any is worked on. Its records add up.
///
/// @param notables in the order of the segment's records
/// @param blocks records of blocks that are no roots, by machine and class
record HeaderNotes(HeaderBytes header, List<Notable> notables, Map<MachineId, long[]> blocks) {
  HeaderNotes {
    notables = List.copyOf(notables);
    blocks = Map.copyOf(blocks);
  }

  static HeaderNotes of(HeaderBytes header) throws CorruptException {
    List<Notable> notables = new ArrayList<>();
    Map<MachineId, long[]> blocks = new HashMap<>();
    MachineId machine = null;
    long[] counts = new long[0];
    for (RecordCursor each = header.records(); each.next(); ) {
      if (each.what() == What.OTHER) {
        note(each.entry(), header, notables);
      } else if (!each.isRoot()) {
        MachineId its = each.machine();
        if (!its.equals(machine)) {
          machine = its;
          counts = blocks.computeIfAbsent(its, _ -> new long[BlockPlan.CLASSES]);
        }
        counts[each.classCode() - 1]++;
      }
    }
    return new HeaderNotes(header, notables, blocks);
  }

  private static void note(LogEntry entry, HeaderBytes header, List<Notable> notables) {
    switch (entry.item()) {
      case LogRecord.SegmentsRetired r ->
          notables.add(new Notable.Retired(r.range(header.id().shard())));
      case LogRecord.Digest _ -> notables.add(new Notable.Digest());
      default -> {}
    }
  }
}
