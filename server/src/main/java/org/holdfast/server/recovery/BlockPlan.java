package org.holdfast.server.recovery;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;

/// Which of the [BlockFiles] takes which block: all of a file come before all of the next in the
/// order of their keys.
///
/// A *group* is a machine's blocks of one class. Small ones share a file; a large one has several,
/// by the first bits of the names, which are hashes.
///
/// Any thread.
final class BlockPlan {
  /// In the order of their codes.
  private static final List<BlockClass> KINDS =
      List.of(BlockClass.CHUNK, BlockClass.PAGE, BlockClass.ROOT, BlockClass.RUN);

  static final int CLASSES = KINDS.size();

  private final List<MachineId> machines;
  private final int[] first;
  private final int[] splits;
  private final int files;

  /// For as many records of each machine's classes as `counts` says at most, with about `records`
  /// in a file.
  BlockPlan(SortedMap<MachineId, long[]> counts, int records) {
    machines = List.copyOf(counts.keySet());
    List<long[]> byMachine = List.copyOf(counts.values());
    first = new int[machines.size() * CLASSES];
    splits = new int[first.length];
    int planned = 0;
    long inLast = Integer.MAX_VALUE;
    for (int group = 0; group < first.length; group++) {
      long count = byMachine.get(group / CLASSES)[group % CLASSES];
      splits[group] = (int) Math.max(1, (count + records - 1) / records);
      if (splits[group] == 1 && inLast + count <= records) {
        first[group] = planned - 1;
        inLast += count;
        continue;
      }
      first[group] = planned;
      planned += splits[group];
      inLast = splits[group] == 1 ? count : Integer.MAX_VALUE;
    }
    files = planned;
  }

  int files() {
    return files;
  }

  /// The machine's first group; the others follow.
  int groups(MachineId machine) {
    int ordinal = Collections.binarySearch(machines, machine);
    Invariant.check(ordinal >= 0, "every machine was counted");
    return ordinal * CLASSES;
  }

  /// The file of the group's block whose name begins like this.
  int file(int group, int namePrefix) {
    return first[group] + (int) ((Integer.toUnsignedLong(namePrefix) * splits[group]) >>> 32);
  }

  /// The files that take blocks of the machine; none, if none were counted.
  Range files(MachineId machine) {
    int ordinal = Collections.binarySearch(machines, machine);
    if (ordinal < 0) {
      return new Range(0, 0);
    }
    int last = ordinal * CLASSES + CLASSES - 1;
    return new Range(first[ordinal * CLASSES], first[last] + splits[last]);
  }

  /// Those of which blocks were counted.
  List<MachineId> machines() {
    return machines;
  }

  MachineId machine(int group) {
    return machines.get(group / CLASSES);
  }

  static BlockClass kind(int group) {
    return KINDS.get(group % CLASSES);
  }

  /// Files from one up to another, which is not among them.
  record Range(int first, int end) {}
}
