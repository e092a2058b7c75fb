package org.holdfast.server.state;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;

/// Stands for [Copies] in an outline: records of chunks, pages and runs are checked against their
/// transaction and handed on. Roots are not: rows of archives follow from them.
///
/// Not thread-safe: the shard's owner calls every method.
final class DeferredCopies {
  private final Rows rows;
  private final Fitting fitting;
  private final Visibility visibility;
  private final BlockRecords records;
  private final Map<MachineId, Long> restated = new HashMap<>();

  DeferredCopies(Rows rows, Fitting fitting, BlockRecords records) {
    this.rows = rows;
    this.fitting = fitting;
    this.visibility = new Visibility(rows::get);
    this.records = records;
  }

  /// Whether that was all that the record does to an outline.
  boolean takes(LogEntry entry, SegmentId segment) throws CorruptException {
    long number = entry.number();
    switch (entry.item()) {
      case LogRecord.BlockStored r when isDeferred(r.kind()) ->
          fitting.writing(number, r.machine(), r.begun());
      case LogRecord.BlockStoredAgain r when isDeferred(r.kind()) ->
          fitting.writing(number, r.machine(), r.begun());
      case LogRecord.CopyMoved r when isDeferred(r.kind()) -> {}
      case LogRecord.CopyDeleted r when isDeferred(r.kind()) -> deleted(number, r);
      case LogRecord.CopyFreed r when isDeferred(r.kind()) -> fitting.known(number, r.machine());
      default -> {
        return false;
      }
    }
    records.add(entry, segment);
    return true;
  }

  /// While a hole is open, a record has said what the machine's row is.
  void restated(MachineId machine, long number) {
    restated.put(machine, number);
  }

  long restatedAt(MachineId machine) {
    return restated.getOrDefault(machine, 0L);
  }

  private void deleted(long number, LogRecord.CopyDeleted block) throws CorruptException {
    if (block.again()) {
      return;
    }
    fitting.deleting(number, block.machine(), block.begun());
    Bytes key = Keys.deletion(block.machine(), block.begun());
    visibility
        .deletion(block.machine(), block.begun())
        .ifPresent(row -> rows.put(key, row.withBlock().encode()));
  }

  private static boolean isDeferred(BlockClass kind) {
    return kind != BlockClass.ROOT;
  }
}
