package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.Service;
import org.holdfast.server.index.Index;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;

/// One start of the server that ships: it takes the log over, serves, and is killed or stops.
final class SimServer {
  static final ServiceId SERVICE = ServiceId.of(new byte[ServiceId.LENGTH]);
  static final LogKey KEY = new LogKey(Bytes.wrap(new byte[LogKey.LENGTH]));
  private static final long LINGER_MILLIS = 5;
  private static final long PATIENCE_MILLIS = 60_000;
  private static final long AGAIN_MILLIS = 3_000;

  private final Loop loop;
  private final SimProcess process;
  private final SimProcess network;
  private final SimBucket bucket;
  private final SimDisk disk;
  private final Faults faults;
  private final Chance chance;
  private final SplittableRandom random;
  private final List<Wire> wires = new ArrayList<>();
  private @Nullable Service service;
  private @Nullable Sessions sessions;
  private @Nullable Throwable failed;
  private boolean stopped;
  private int connections;
  private int epoch;

  SimServer(
      Loop loop,
      SimProcess process,
      SimProcess network,
      SimBucket bucket,
      SimDisk disk,
      Faults faults,
      Chance chance) {
    this.loop = loop;
    this.process = process;
    this.network = network;
    this.bucket = bucket;
    this.disk = disk;
    this.faults = faults;
    this.chance = chance;
    this.random = chance.stream(process.name());
  }

  SimProcess process() {
    return process;
  }

  /// Tries to take the log over until it does.
  void start() {
    process.note("starts");
    process.spawner().spawn("main", this::serve);
  }

  private void serve() {
    while (service == null && failed == null) {
      try {
        Service owned =
            Service.own(terms(disk::open), disk.folder(), new Quiet(), _ -> stopped = true);
        sessions =
            new Sessions(
                owned.shard(),
                SERVICE,
                ServerMode.ALL,
                process.clock(),
                process.spawner(),
                _ -> {});
        epoch = owned.shard().epoch();
        service = owned;
        process.note("serves epoch " + epoch);
      } catch (UnavailableException e) {
        process.note("tries again: " + e.getMessage());
        rest();
      } catch (HoldfastException | RuntimeException | Error e) {
        process.note("cannot start: " + e);
        failed = e;
      }
    }
  }

  private void rest() {
    try {
      process.clock().sleepMillis(AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  Service.Terms terms(Index.Opening indexes) {
    return new Service.Terms(
        SERVICE,
        KEY,
        bucket,
        process.clock(),
        process.spawner(),
        process.random(),
        LINGER_MILLIS,
        PATIENCE_MILLIS,
        indexes);
  }

  /// Whether clients are answered.
  boolean isServing() {
    return service != null && !process.isDead();
  }

  /// The term in which it owns the log; 0 if it does not serve yet.
  int epoch() {
    return epoch;
  }

  /// Whether it has found out that it may not write any more.
  boolean isStopped() {
    return stopped;
  }

  /// Why it could not start, if that is not worth another attempt.
  @Nullable Throwable failed() {
    return failed;
  }

  Service service() {
    return java.util.Objects.requireNonNull(service);
  }

  /// A client's end of a new connection.
  Connection connect() throws UnavailableException {
    Sessions serving = sessions;
    if (serving == null || process.isDead()) {
      throw new UnavailableException("nobody listens there");
    }
    String name = process.name() + " wire " + ++connections;
    Wire wire = Wire.between(network, chance.stream(name), faults.of(name));
    wires.removeIf(Wire::isBroken);
    wires.add(wire);
    process.spawner().spawn("session", () -> serving.handle(wire.serverEnd()));
    return wire.clientEnd();
  }

  /// Its disk keeps what it is told to by [SimDisk#crash].
  void kill() {
    process.kill();
    wires.forEach(Wire::cut);
    disk.crash(random);
  }

  StateDigest digest() throws HoldfastException {
    return service().shard().read(state -> state.digest());
  }

  Loop loop() {
    return loop;
  }

  /// Nobody to tell.
  static final class Quiet implements ShardStart.Listener {
    @Override
    public void proven(StateDigest digest) {}

    @Override
    public void discarded(String reason) {}

    @Override
    public void replaying(int segments) {}

    @Override
    public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {}
  }
}
