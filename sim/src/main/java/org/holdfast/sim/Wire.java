package org.holdfast.sim;

import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Pipe;
import org.holdfast.protocol.Received;
import org.holdfast.server.index.IndexException;

/// A connection between two processes: messages come in their order, late, and not at all from the
/// moment on in which it breaks.
///
/// Each process has a pipe of its own into the network, whose threads no crash of theirs ends.
///
/// As the sockets of the real ones do, it closes where nothing has come for two minutes.
final class Wire {
  private static final long SILENCE_NANOS = 120_000_000_000L;

  private final Loop loop;
  private final SimProcess network;
  private final SplittableRandom random;
  private final Faults faults;
  private final SimProcess caller;
  private final Pipe.Ends client;
  private final Pipe.Ends server;
  private boolean broken;

  private Wire(World world, SimProcess caller, String name) {
    this.loop = world.loop();
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
    Way up = wire.new Way(wire.client.server(), wire.server.client());
    Way down = wire.new Way(wire.server.client(), wire.client.server());
    spawner.spawn("up", up::carry);
    spawner.spawn("down", down::carry);
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

  /// One direction.
  private final class Way {
    private final Connection from;
    private final Connection to;
    private long numberOfWaits;
    private boolean isWaiting;

    Way(Connection from, Connection to) {
      this.from = from;
      this.to = to;
    }

    void carry() {
      try {
        for (Optional<Received> next = next(); next.isPresent(); next = next()) {
          SimBucket.rest(network.clock(), 1 + random.nextLong(40));
          if (faults.strike(Rates::cut)) {
            network.note("cuts a connection");
            break;
          }
          network.note("carries " + next.get().message().getClass().getSimpleName());
          check(next.get().message());
          to.send(next.get().stream(), next.get().message());
        }
      } catch (HoldfastException e) {
        // The other way has found the end first.
      } finally {
        cut();
      }
    }

    /// A server that says so has a defect, unless its disk is at fault.
    private void check(Message message) {
      if (message instanceof Message.Failure failure
          && failure.text().contains("defect")
          && !failure.text().contains(IndexException.class.getSimpleName())) {
        loop.tell(new Violation("a client is told: " + failure.text()));
      }
    }

    private Optional<Received> next() throws HoldfastException {
      isWaiting = true;
      long wait = ++numberOfWaits;
      if (wait == 1) {
        loop.at(loop.nowNanos() + SILENCE_NANOS, () -> endIfSilent(wait));
      }
      try {
        return from.receive();
      } finally {
        isWaiting = false;
      }
    }

    private void endIfSilent(long wait) {
      if (broken) {
        return;
      }
      if (isWaiting && wait == numberOfWaits) {
        network.note("closes a connection on which nothing comes");
        cut();
        return;
      }
      long next = numberOfWaits;
      loop.at(loop.nowNanos() + SILENCE_NANOS, () -> endIfSilent(next));
    }
  }
}
