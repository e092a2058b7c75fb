package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;

/// Which rows records name, but for the copies of blocks (`docs/cleaning.md`, "Names and blind
/// records").
public final class Names {
  private final Set<Bytes> machines = new LinkedHashSet<>();
  private final Set<Bytes> others = new LinkedHashSet<>();

  private Names() {}

  /// The keys of the rows that these records name, each once, in an order in which they may be
  /// restated: machines come last.
  public static List<Bytes> of(List<LogEntry> entries) {
    Names names = new Names();
    entries.forEach(names::add);
    List<Bytes> all = new ArrayList<>(names.others);
    all.addAll(names.machines);
    return all;
  }

  private void add(LogEntry entry) {
    switch (entry.item()) {
      case LogRecord.AccountOpened r -> others.add(Keys.account(r.account()));
      case LogRecord.InviteMade r -> others.add(Keys.invite(r.invite()));
      case LogRecord.MachineRegistered r -> {
        others.add(Keys.invite(r.invite()));
        machine(r.machine());
      }
      case LogRecord.MachineMoved r -> machine(r.machine());
      case LogRecord.WriteBegun r -> begun(r.machine(), entry.number(), r.ended());
      case LogRecord.DeleteBegun r -> begun(r.machine(), entry.number(), r.ended());
      case LogRecord.BlockStored r -> block(r.machine(), r.kind(), r.name());
      case LogRecord.BlockStoredAgain r -> block(r.machine(), r.kind(), r.name());
      case LogRecord.CopyMoved r -> block(r.machine(), r.kind(), r.name());
      case LogRecord.CopyFreed r -> block(r.machine(), r.kind(), r.name());
      case LogRecord.CopyDeleted r -> transaction(r.machine(), r.begun());
      case LogRecord.Checkpoint r -> kept(r.machine(), r.begun(), r.root(), r.replaced());
      case LogRecord.Committed r -> kept(r.machine(), r.begun(), r.root(), r.replaced());
      case LogRecord.Cancelled r -> transaction(r.machine(), r.begun());
      case LogRecord.TransactionCleared r -> transaction(r.machine(), r.begun());
      case LogRecord.DeleteCommitted r -> transaction(r.machine(), r.begun());
      case LogRecord.DeleteUndone r -> transaction(r.machine(), r.begun());
      case LogRecord.DeleteExpired r -> transaction(r.machine(), r.begun());
      case LogRecord.RowRestated r -> row(r.key());
      case LogRecord.EpochBegun _,
          LogRecord.EpochSealed _,
          LogRecord.SegmentsRetired _,
          LogRecord.CleaningBegun _,
          LogRecord.Digest _ -> {}
    }
  }

  private void row(Bytes key) {
    if (Keys.isMachine(key)) {
      machines.add(key);
      return;
    }
    others.add(key);
    if (Keys.isUnfinished(key)) {
      // The machine's row follows from it when the transaction ends.
      machine(Keys.machine(key));
    }
  }

  private void machine(MachineId machine) {
    machines.add(Keys.machine(machine));
  }

  private void begun(MachineId machine, long begun, long ended) {
    transaction(machine, begun);
    if (ended != 0) {
      transaction(machine, ended);
    }
  }

  private void transaction(MachineId machine, long begun) {
    machine(machine);
    others.add(Keys.unfinished(machine, begun));
    others.add(Keys.deletion(machine, begun));
  }

  private void block(MachineId machine, BlockClass kind, BlockName name) {
    machine(machine);
    if (kind == BlockClass.ROOT) {
      others.add(Keys.archive(machine, name));
    }
  }

  private void kept(MachineId machine, long begun, BlockName root, BlockName replaced) {
    transaction(machine, begun);
    for (BlockName each : List.of(root, replaced)) {
      if (!each.equals(MachineRow.NO_ROOT)) {
        others.add(Keys.archive(machine, each));
      }
    }
  }
}
