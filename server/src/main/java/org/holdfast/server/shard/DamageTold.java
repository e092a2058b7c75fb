package org.holdfast.server.shard;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.MachineId;
import org.holdfast.server.state.MachineRow.Transaction;

/// What one session's client was told of damaged blocks, of the transactions it has at work: one
/// for each machine.
///
/// What an archive relies on follows from what the session was told that made it. A COMMIT may come
/// late, from a connection that is dead, after another session has resumed the transaction and was
/// told of more.
///
/// Any thread.
public final class DamageTold {
  private final Map<MachineId, Told> told = new HashMap<>();

  /// The session has begun a transaction, or resumed one: it asks again.
  public synchronized void forget(MachineId machine) {
    told.remove(machine);
  }

  /// All that was found so far, unless the transaction's client was told before.
  synchronized void tell(MachineId machine, Transaction open, DamagedCopies damaged) {
    Told before = told.get(machine);
    if (before == null || before.begun != open.begun()) {
      told.put(machine, new Told(open.begun(), damaged.lastFound()));
    }
  }

  /// The number of what was found last when the transaction's client was told; 0: it was not.
  synchronized long upTo(MachineId machine, Transaction open) {
    Told last = told.get(machine);
    return last != null && last.begun == open.begun() ? last.found : 0;
  }

  private record Told(long begun, long found) {}
}
