package org.holdfast.server.shard;

import java.util.List;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.server.index.Index;
import org.holdfast.server.recovery.LoadedMachines;

/// Who reads an index that a start is making, before it is whole (`docs/recovery.md`, "Restores
/// while it recovers").
///
/// Called by the thread that starts; what reads is on other threads.
public interface EarlyReads {
  /// Nobody.
  EarlyReads NONE =
      new EarlyReads() {
        @Override
        public List<MachineId> begin(Index index, LoadedMachines loaded) {
          return List.of();
        }

        @Override
        public void pause() {}

        @Override
        public void goOn(Index index) {}

        @Override
        public void end() {}
      };

  /// All but blocks is in the index, as of a place of the log; machines have theirs as `loaded`
  /// says. Answers the machines whose blocks are wanted first.
  List<MachineId> begin(Index index, LoadedMachines loaded) throws HoldfastException;

  /// Nobody reads the index any more when this returns; who wants to waits.
  void pause();

  /// Who waits may read this one, which is the same as of that place or later; nothing if nobody
  /// has begun.
  void goOn(Index index);

  /// Nobody reads it any more when this returns, nor later: it is thrown away.
  void end();
}
