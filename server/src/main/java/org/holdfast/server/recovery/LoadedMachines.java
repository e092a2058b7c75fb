package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.holdfast.core.MachineId;

/// Which machines have all rows of their blocks in an index that is being loaded: those all of
/// whose files are (`docs/recovery.md`, "Restores while it recovers").
///
/// Any thread.
public final class LoadedMachines {
  private final BlockPlan plan;
  private final BitSet loaded;

  LoadedMachines(BlockPlan plan) {
    this.plan = plan;
    this.loaded = new BitSet(plan.files());
  }

  /// Also of one that has no blocks at all: nothing of it is missing.
  public synchronized boolean isComplete(MachineId machine) {
    BlockPlan.Range files = plan.files(machine);
    return loaded.nextClearBit(files.first()) >= files.end();
  }

  /// Of all that have blocks.
  public int complete() {
    return (int) plan.machines().stream().filter(this::isComplete).count();
  }

  /// How many have blocks.
  public int all() {
    return plan.machines().size();
  }

  /// All rows that this file makes are in the index.
  synchronized void loaded(int file) {
    loaded.set(file);
  }

  /// The files in the order in which they are loaded: those of these machines come first.
  List<Integer> order(List<MachineId> first) {
    Set<Integer> order = new LinkedHashSet<>();
    for (MachineId machine : first) {
      BlockPlan.Range files = plan.files(machine);
      for (int file = files.first(); file < files.end(); file++) {
        order.add(file);
      }
    }
    for (int file = 0; file < plan.files(); file++) {
      order.add(file);
    }
    return new ArrayList<>(order);
  }
}
