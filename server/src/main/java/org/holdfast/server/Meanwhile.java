package org.holdfast.server;

import java.util.List;
import java.util.SortedMap;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.server.recovery.LoadedMachines;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.state.MachineRow;

/// What is done with a service while it starts (`docs/recovery.md`, "Restores while it recovers").
///
/// Called by the thread that starts.
public interface Meanwhile {
  /// Nothing.
  Meanwhile NOTHING = new Meanwhile() {};

  /// The state folder is this process's.
  default void begins() throws HoldfastException {}

  /// Whose blocks are wanted first, of these.
  default List<MachineId> first(SortedMap<MachineId, MachineRow> machines) {
    return List.of();
  }

  /// What this shard reads may be served, of machines that are `loaded`, and goes on to be when the
  /// service has started. It writes nothing.
  default void serves(ShardService shard, LoadedMachines loaded) {}

  /// The index of that shard is thrown away: it reads no more.
  default void servesNoMore() {}

  /// Whether the log is to be taken over by a start that was to do so. Asked right before.
  default boolean mayOwn() {
    return true;
  }
}
