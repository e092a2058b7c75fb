package org.holdfast.server.export;

import java.util.List;
import org.holdfast.core.MachineId;

/// What an export did.
///
/// @param bytes of the blocks that were copied
/// @param objects in the folder
/// @param damaged a line for each object of the bucket that is not what was stored
/// @param blocksLost that archives may need, and of which no copy could be read
public record ExportReport(
    MachineId machine,
    String name,
    long archives,
    long blocks,
    long bytes,
    long objects,
    List<String> damaged,
    long blocksLost,
    long millis) {
  public ExportReport {
    damaged = List.copyOf(damaged);
  }

  /// Whether everything is there that the machine's restores may need.
  public boolean isComplete() {
    return blocksLost == 0;
  }
}
