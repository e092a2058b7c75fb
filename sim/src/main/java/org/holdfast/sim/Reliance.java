package org.holdfast.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.holdfast.core.BlockClass;
import org.holdfast.core.MachineId;
import org.holdfast.server.shard.DamagedCopy;

/// What the archive of one backup must not rely on: blocks of which the server knew, from when it
/// was asked to commit until it said that it has, that no copy of them is whole.
///
/// Which copies it knows to be damaged is taken from the server itself, as what it was shown does
/// not tell when it made up its mind; which copies there are is taken from the log.
final class Reliance {
  private final SimServer server;
  private final MachineId machine;
  private final Ledger ledger;
  private Map<Ledger.Block, Set<DamagedCopy>> lostBefore = Map.of();
  private boolean isAsked;

  Reliance(SimServer server, MachineId machine, Ledger ledger) {
    this.server = server;
    this.machine = machine;
    this.ledger = ledger;
  }

  /// The commit is asked for: what counts is what was so before that.
  void asked() throws Violation {
    if (!isAsked) {
      isAsked = true;
      lostBefore = lost();
    }
  }

  /// The commit is acknowledged. Answers what its archive must not need; throws if that has keys of
  /// a run, as nobody knows who needs them.
  Set<Ledger.Block> acknowledged() throws Violation {
    if (lostBefore.isEmpty()) {
      return Set.of();
    }
    Set<Ledger.Block> lost = new HashSet<>();
    for (var each : lost().entrySet()) {
      // A copy that was whole in between was found anew.
      if (each.getValue().equals(lostBefore.get(each.getKey()))) {
        lost.add(each.getKey());
        if (each.getKey().kind() == BlockClass.RUN) {
          throw new Violation("a backup is taken while keys are damaged: " + each.getKey());
        }
      }
    }
    return lost;
  }

  /// The blocks that can be seen, and of which all copies that can be are damaged: these.
  private Map<Ledger.Block, Set<DamagedCopy>> lost() throws Violation {
    Set<DamagedCopy> damaged = server.damagedCopies(machine);
    if (damaged.isEmpty()) {
      return Map.of();
    }
    Map<Ledger.Block, Set<DamagedCopy>> lost = new HashMap<>();
    for (var each : ledger.blocks().visible(machine).entrySet()) {
      Set<DamagedCopy> found = new HashSet<>();
      damaged.stream().filter(copy -> isOne(each.getValue(), copy)).forEach(found::add);
      if (found.size() == each.getValue().size()) {
        lost.put(each.getKey(), found);
      }
    }
    return lost;
  }

  /// Whether a copy is one of these.
  static boolean isDamaged(Ledger.Stored copy, Set<DamagedCopy> damaged) {
    return damaged.stream().anyMatch(each -> isOne(List.of(copy), each));
  }

  private static boolean isOne(List<Ledger.Stored> copies, DamagedCopy damaged) {
    return copies.stream()
        .anyMatch(
            copy -> copy.record() == damaged.stored() && copy.segment().equals(damaged.segment()));
  }
}
