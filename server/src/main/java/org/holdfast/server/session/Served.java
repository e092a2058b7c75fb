package org.holdfast.server.session;

import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.core.MachineId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.shard.ShardService;

/// What a server has for a session that begins now.
public sealed interface Served {
  /// What its client is told.
  ServerMode mode();

  /// As much as there is.
  ///
  /// @param mode whether that is all
  record Whole(ShardService shard, ServerMode mode) implements Served {}

  /// Machines that are complete, and reads alone (`docs/recovery.md`, "Restores while it
  /// recovers").
  ///
  /// @param gate which these are
  record Machines(ShardService shard, Gate gate) implements Served {
    @Override
    public ServerMode mode() {
      return ServerMode.RECOVERING;
    }
  }

  /// Nothing.
  ///
  /// @param why at the moment
  record Nothing(Supplier<UnavailableException> why) implements Served {
    @Override
    public ServerMode mode() {
      return ServerMode.RECOVERING;
    }
  }

  /// What a server that recovers holds back. Any thread.
  interface Gate {
    /// Why the machine is not served; empty once it is, for good.
    Optional<UnavailableException> closed(MachineId machine);

    /// Why nothing is changed.
    UnavailableException readsOnly();
  }
}
