package org.holdfast.server.state;

import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;

/// Checks that a record fits the state it is applied to: one that does not was made by no shard.
/// While a replay has holes, nothing need fit.
record Fitting(int shard, Machines machines, Holes holes, Misfits misfits) {
  void check(boolean holds, long number, String what) throws CorruptException {
    if (!holds && !holes.isOpen()) {
      throw new CorruptException(
          "record " + number + " of shard " + shard + " does not fit the state (" + what + ")");
    }
  }

  /// Of a check that may be overridden: the record is applied then as far as it can be.
  void check(Check check, boolean holds, long number, String what) throws CorruptException {
    if (holds || holes.isOpen()) {
      return;
    }
    String seen = "record " + number + " of shard " + shard + " does not fit the state (" + what;
    if (!misfits.isTaken(check, seen + ")")) {
      throw new CorruptException(
          seen + "); if you know why, `holdfast rebuild --override " + check + "` goes on");
    }
  }

  MachineRow known(long number, MachineId machine) throws CorruptException {
    Optional<MachineRow> row = machines.get(machine);
    check(row.isPresent(), number, "machine");
    return row.orElse(MachineRow.UNKNOWN);
  }

  /// The machine whose open write transaction began with that record.
  MachineRow writing(long number, MachineId id, long begun) throws CorruptException {
    MachineRow machine = open(number, id, begun);
    check(!machine.deleting(), number, "write transaction");
    return machine;
  }

  /// The machine whose open delete transaction began with that record.
  MachineRow deleting(long number, MachineId id, long begun) throws CorruptException {
    MachineRow machine = open(number, id, begun);
    check(machine.deleting(), number, "delete transaction");
    return machine;
  }

  MachineRow open(long number, MachineId id, long begun) throws CorruptException {
    MachineRow machine = known(number, id);
    check(begun != 0 && machine.open().begun() == begun, number, "transaction");
    return machine;
  }
}
