package org.holdfast.server.state;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;

/// Stands for [Copies] in an outline: records of chunks, pages and runs are checked against their
/// transaction, and that is all. Roots are not: rows of archives follow from them.
///
/// Not thread-safe: the shard's owner calls every method.
final class DeferredCopies {
  private final Rows rows;
  private final Fitting fitting;
  private final Visibility visibility;
  private final Map<MachineId, Long> restated = new HashMap<>();

  DeferredCopies(Rows rows, Fitting fitting) {
    this.rows = rows;
    this.fitting = fitting;
    this.visibility = new Visibility(rows::get);
  }

  void apply(BlockRun run) throws CorruptException {
    switch (run.asks()) {
      case WRITING -> fitting.writing(run.first(), run.machine(), run.begun());
      case DELETING -> deleted(run);
      case MACHINE -> fitting.known(run.first(), run.machine());
      case NOTHING -> {}
    }
  }

  /// While a hole is open, a record has said what the machine's row is.
  void restated(MachineId machine, long number) {
    restated.put(machine, number);
  }

  long restatedAt(MachineId machine) {
    return restated.getOrDefault(machine, 0L);
  }

  private void deleted(BlockRun run) throws CorruptException {
    fitting.deleting(run.first(), run.machine(), run.begun());
    Bytes key = Keys.deletion(run.machine(), run.begun());
    visibility
        .deletion(run.machine(), run.begun())
        .ifPresent(row -> rows.put(key, row.withBlocks(run.count()).encode()));
  }
}
