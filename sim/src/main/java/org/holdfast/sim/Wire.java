package org.holdfast.sim;

import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.Received;

/// A connection between two processes: messages come in their order, late, and not at all from the
/// moment on in which it breaks.
///
/// Each process has a pipe of its own into the network, whose threads no crash of theirs ends.
final class Wire {
  private final SimProcess network;
  private final SplittableRandom random;
  private final Faults faults;
  private final SimProcess caller;
  private final Pipe.Ends client;
  private final Pipe.Ends server;
  private boolean broken;

  private Wire(World world, SimProcess caller, String name) {
    this.network = world.network();
    this.caller = caller;
    this.random = world.chance().stream(name);
    this.faults = world.faults().of(name);
    int capacity = world.setting().pipeBytes();
    // Both ends of a session have one binding.
    long binding = random.nextLong();
    this.client = Pipe.open(capacity, new SimRandom(new SplittableRandom(binding)));
    this.server = Pipe.open(capacity, new SimRandom(new SplittableRandom(binding)));
  }

  /// From this process to another one.
  static Wire from(SimProcess caller, World world, String name) {
    Wire wire = new Wire(world, caller, name);
    Spawner spawner = world.network().spawner();
    spawner.spawn("up", () -> wire.carry(wire.client.server(), wire.server.client()));
    spawner.spawn("down", () -> wire.carry(wire.server.client(), wire.client.server()));
    return wire;
  }

  SimProcess caller() {
    return caller;
  }

  Connection clientEnd() {
    return client.client();
  }

  Connection serverEnd() {
    return server.server();
  }

  boolean isBroken() {
    return broken;
  }

  /// Both processes find the connection closed.
  void cut() {
    broken = true;
    client.server().close();
    server.client().close();
  }

  private void carry(Connection from, Connection to) {
    try {
      for (Optional<Received> next = from.receive(); next.isPresent(); next = from.receive()) {
        SimBucket.rest(network.clock(), 1 + random.nextLong(40));
        if (faults.strike(Rates::cut)) {
          network.note("cuts a connection");
          break;
        }
        network.note("carries " + next.get().message().getClass().getSimpleName());
        to.send(next.get().stream(), next.get().message());
      }
    } catch (HoldfastException e) {
      // The other way has found the end first.
    } finally {
      cut();
    }
  }
}
