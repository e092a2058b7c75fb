package org.holdfast.server.state;

import org.holdfast.core.MachineId;

/// Records of chunks, pages and runs that follow on each other, and of which a state without blocks
/// wants to know the same: which of them they name makes no difference to it.
///
/// @param asks what the state is asked for
/// @param begun the transaction; 0 where it does not matter
/// @param first the number of the first record
/// @param last the number of the last one
public record BlockRun(Asks asks, MachineId machine, long begun, long first, long last) {
  long count() {
    return last - first + 1;
  }

  /// What has to be so for such a record.
  public enum Asks {
    /// That the machine writes: *block stored*, *stored again*.
    WRITING,
    /// That the machine deletes, and that it is counted: *deleted*.
    DELETING,
    /// That there is the machine: *freed*.
    MACHINE,
    /// Nothing, it was so before: *moved*, *deleted* that is said again.
    NOTHING
  }
}
