package org.holdfast.server.state;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;

/// The machines' rows as values. A machine's row changes with each of its blocks: it is written as
/// bytes once for all changes up to the next [#settle], and read from them once.
///
/// Not thread-safe: the shard's owner calls every method.
final class Machines {
  /// Rows kept as values; beyond it they are read again, so that memory does not grow with the
  /// number of machines.
  private static final int KNOWN_MAX = 4096;

  private final Rows rows;
  private final Map<MachineId, MachineRow> known = new HashMap<>();
  private final Map<MachineId, MachineRow> changed = new HashMap<>();

  Machines(Rows rows) {
    this.rows = rows;
  }

  Optional<MachineRow> get(MachineId id) throws CorruptException {
    MachineRow row = known.get(id);
    if (row != null) {
      return Optional.of(row);
    }
    Optional<byte[]> value = rows.get(Keys.machine(id));
    if (value.isEmpty()) {
      return Optional.empty();
    }
    MachineRow read = MachineRow.decode(value.get());
    remember(id, read);
    return Optional.of(read);
  }

  void put(MachineId id, MachineRow row) {
    remember(id, row);
    changed.put(id, row);
  }

  boolean isPending(MachineId id) {
    return changed.containsKey(id) || rows.isPending(Keys.machine(id));
  }

  /// Brings the changes into the rows. Due before the rows are listed, digested, or come to the end
  /// of a segment.
  void settle() {
    changed.forEach((id, row) -> rows.put(Keys.machine(id), row.encode()));
    changed.clear();
  }

  /// The rows have changed by other hands.
  void forget() {
    known.clear();
    changed.clear();
  }

  private void remember(MachineId id, MachineRow row) {
    if (known.size() >= KNOWN_MAX && !known.containsKey(id)) {
      settle();
      known.clear();
    }
    known.put(id, row);
  }
}
