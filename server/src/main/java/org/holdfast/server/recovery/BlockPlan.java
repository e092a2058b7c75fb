package org.holdfast.server.recovery;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.holdfast.core.MachineId;

/// Which parts of blocks each of the files holds that an index takes: all blocks of a file come
/// before all of the next in the order of their keys. Small parts share a file.
///
/// Any thread.
final class BlockPlan {
  private final List<List<BlockPartitions.Part>> files = new ArrayList<>();
  private final List<MachineId> machines = new ArrayList<>();
  private final Map<MachineId, Range> ranges = new HashMap<>();

  /// With about `records` records in a file.
  BlockPlan(SortedMap<MachineId, List<BlockPartitions.Part>> parts, int records) {
    long inLast = records;
    for (Map.Entry<MachineId, List<BlockPartitions.Part>> each : parts.entrySet()) {
      int first = Integer.MAX_VALUE;
      for (BlockPartitions.Part part : each.getValue()) {
        if (inLast + part.records() > records) {
          files.add(new ArrayList<>());
          inLast = 0;
        }
        files.getLast().add(part);
        inLast += part.records();
        first = Math.min(first, files.size() - 1);
      }
      machines.add(each.getKey());
      ranges.put(each.getKey(), new Range(first, files.size()));
    }
  }

  int files() {
    return files.size();
  }

  /// In the order of their blocks' keys.
  List<BlockPartitions.Part> parts(int file) {
    return files.get(file);
  }

  /// The files that hold blocks of the machine; none, if it has none.
  Range files(MachineId machine) {
    return ranges.getOrDefault(machine, new Range(0, 0));
  }

  /// Those that have blocks.
  List<MachineId> machines() {
    return Collections.unmodifiableList(machines);
  }

  /// Files from one up to another, which is not among them.
  record Range(int first, int end) {}
}
