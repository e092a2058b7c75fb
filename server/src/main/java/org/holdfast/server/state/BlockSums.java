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

  /// Adds up many: each costs what it holds, however much there is already. Used by one thread.
  public static final class Adder {
    private final Map<MachineId, Total> machines = new HashMap<>();
    private final Map<SegmentId, Long> dead = new HashMap<>();
    private Fingerprint rows = Fingerprint.ZERO;

    public void add(BlockSums sums) {
      rows = rows.plus(sums.rows);
      sums.machines.forEach((id, more) -> machines.merge(id, more, Total::plus));
      sums.dead.forEach((id, more) -> dead.merge(id, more, Long::sum));
    }

    /// Of all that were added.
    public BlockSums sum() {
      return new BlockSums(rows, machines, dead);
    }
  }

  /// Copies of a machine's blocks, and their bytes.
  public record Total(long blocks, long bytes) {
    Total plus(Total other) {
      return new Total(blocks + other.blocks, bytes + other.bytes);
    }
  }
}
