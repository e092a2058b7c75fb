package org.holdfast.server.state;

import java.util.HashMap;
import java.util.Map;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;

/// What rows of blocks that were loaded come to.
///
/// @param rows the fingerprint of all of them
/// @param machines what each machine has more than its row says
/// @param dead how many bytes of each segment's data do not live
public record BlockSums(
    Fingerprint rows, Map<MachineId, Total> machines, Map<SegmentId, Long> dead) {
  /// Of no rows.
  public static final BlockSums NONE = new BlockSums(Fingerprint.ZERO, Map.of(), Map.of());

  public BlockSums {
    machines = Map.copyOf(machines);
    dead = Map.copyOf(dead);
  }

  public BlockSums plus(BlockSums other) {
    Map<MachineId, Total> allMachines = new HashMap<>(machines);
    other.machines.forEach((id, more) -> allMachines.merge(id, more, Total::plus));
    Map<SegmentId, Long> allDead = new HashMap<>(dead);
    other.dead.forEach((id, more) -> allDead.merge(id, more, Long::sum));
    return new BlockSums(rows.plus(other.rows), allMachines, allDead);
  }

  /// Copies of a machine's blocks, and their bytes.
  public record Total(long blocks, long bytes) {
    Total plus(Total other) {
      return new Total(blocks + other.blocks, bytes + other.bytes);
    }
  }
}
