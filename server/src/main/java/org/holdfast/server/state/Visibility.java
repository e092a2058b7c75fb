package org.holdfast.server.state;

import java.util.Optional;
import java.util.function.Function;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;

/// What becomes of a copy of a block, by the rows of the transactions that stored and deleted it
/// (`docs/format.md`, "Replay").
///
/// Sees what it is given to look rows up with, and is as safe for threads as that.
final class Visibility {
  private final Function<Bytes, Optional<byte[]>> rows;

  Visibility(Function<Bytes, Optional<byte[]>> rows) {
    this.rows = rows;
  }

  Optional<UnfinishedRow> unfinished(MachineId machine, long begun) {
    return rows.apply(Keys.unfinished(machine, begun)).map(UnfinishedRow::decode);
  }

  Optional<DeletionRow> deletion(MachineId machine, long begun) {
    return begun == 0
        ? Optional.empty()
        : rows.apply(Keys.deletion(machine, begun)).map(DeletionRow::decode);
  }

  /// Whether others than the transaction that stored it may be given the copy, unless it is
  /// deleted.
  boolean isKept(MachineId machine, BlockRow copy) {
    return unfinished(machine, copy.begun())
        .map(row -> copy.record() <= row.checkpoint())
        .orElse(true);
  }

  boolean isDeleted(MachineId machine, BlockRow copy) {
    return deletion(machine, copy.deletedBy()).filter(DeletionRow::hides).isPresent();
  }

  /// To the transaction that began with record `begun` (0: to everybody).
  boolean isVisible(MachineId machine, BlockRow copy, long begun) {
    return (copy.begun() == begun || isKept(machine, copy)) && !isDeleted(machine, copy);
  }

  /// Whether nobody will see the copy again.
  boolean isGarbage(MachineId machine, BlockRow copy) {
    boolean wasDropped =
        unfinished(machine, copy.begun())
            .filter(row -> row.cancelled() && copy.record() > row.checkpoint())
            .isPresent();
    return wasDropped
        || deletion(machine, copy.deletedBy())
            .filter(row -> row.stage() == DeletionRow.Stage.EXPIRED)
            .isPresent();
  }
}
