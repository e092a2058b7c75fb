package org.holdfast.sim;

import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Session;

/// Where a client connects to.
interface Services {
  SimServer choose(SplittableRandom luck) throws UnavailableException;

  /// Whether nobody has taken the log over from it. Only then it must know everything.
  boolean isOwner(SimServer server);

  Connection connect(SimServer server, SimProcess caller) throws UnavailableException;

  default Session open(SimServer server, SimProcess caller) throws HoldfastException {
    return Session.open(connect(server, caller), caller.clock(), caller.spawner(), "simulated");
  }

  Loop loop();

  /// The calling thread begins something that must end in time.
  Endings.Work begin(SimProcess caller, String what);

  /// Whether nothing goes wrong, since so long that nothing of what did is left.
  boolean isLongFair();

  Ledger ledger();

  /// A connection of which it is noted what is not given.
  default Overheard overhear(SimServer server, SimProcess caller, Model model)
      throws UnavailableException {
    return new Overheard(connect(server, caller), loop(), () -> known(server, model));
  }

  /// Up to which record a server knows the log at least: as far as it was when it took it over, and
  /// what was acknowledged to the machine since, if it still owns it.
  default long known(SimServer server, Model model) {
    return isOwner(server)
        ? Math.max(model.acknowledgedRecord(), server.begunRecord())
        : server.begunRecord();
  }
}
