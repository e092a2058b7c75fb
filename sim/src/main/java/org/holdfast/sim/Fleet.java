package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.holdfast.core.UnavailableException;

/// The servers of one service, of which one should own the log at a time, and sometimes two believe
/// that they do. Two machines with a disk each; the newest server is on `current`.
final class Fleet implements SimClient.Services, AutoCloseable {
  private static final long WATCH_NANOS = 10_000_000_000L;

  private final Loop loop;
  private final SimStore store;
  private final SimProcess network;
  private final Faults faults;
  private final Chance chance;
  private final SplittableRandom random;
  private final SimDisk[] disks = {new SimDisk(), new SimDisk()};
  private final List<SimDisk.Snapshot> old = new ArrayList<>();
  private final List<SimServer> all = new ArrayList<>();
  private int current;
  private int started;

  Fleet(Loop loop, SimStore store, SimProcess network, Faults faults, Chance chance) {
    this.loop = loop;
    this.store = store;
    this.network = network;
    this.faults = faults;
    this.chance = chance;
    this.random = chance.stream("fleet");
  }

  /// Starts a server on the current machine.
  SimServer start() {
    SimProcess process = new SimProcess("server" + ++started, loop, chance);
    Faults own = faults.of(process.name());
    SimServer server =
        new SimServer(
            loop,
            process,
            network,
            new SimBucket(store, loop, process, chance.stream(process.name() + " bucket"), own),
            disks[current],
            own,
            chance);
    all.add(server);
    server.start();
    return server;
  }

  SimServer newest() {
    return all.getLast();
  }

  List<SimServer> all() {
    return all;
  }

  /// The newest is killed and started again, on its disk as it was, an empty one or an old one.
  void restart() {
    keepSnapshot();
    newest().kill();
    if (faults.strike(Rates::wiped)) {
      newest().process().note("has lost its disk");
      disks[current].wipe();
    } else if (!old.isEmpty() && faults.strike(Rates::stale)) {
      newest().process().note("gets an old disk");
      disks[current].goBack(old.get(random.nextInt(old.size())));
    }
    start();
  }

  /// The newest sleeps, and another machine takes over.
  void takeOver() {
    newest().process().pause();
    current = 1 - current;
    all.stream()
        .filter(server -> server != newest() && !server.process().isDead())
        .forEach(SimServer::kill);
    start();
  }

  /// Who sleeps wakes up and does not know.
  void wakeAll() {
    all.stream()
        .filter(server -> server.process().isPaused() && !server.process().isDead())
        .forEach(server -> server.process().resume());
  }

  private void keepSnapshot() {
    if (old.size() < 4) {
      old.add(disks[current].snapshot());
    }
  }

  /// Mostly the newest, sometimes one that should be gone.
  @Override
  public SimServer choose(SplittableRandom luck) throws UnavailableException {
    List<SimServer> serving =
        all.stream().filter(server -> server.isServing() && !server.process().isPaused()).toList();
    if (serving.isEmpty()) {
      throw new UnavailableException("no server answers");
    }
    boolean mostly = luck.nextInt(10) > 0;
    return mostly ? serving.getLast() : serving.get(luck.nextInt(serving.size()));
  }

  @Override
  public boolean isOwner(SimServer server) {
    return all.stream().allMatch(other -> other.epoch() <= server.epoch());
  }

  /// From here on there is one server, which an operator starts again when it has to be.
  void settle() {
    all.stream()
        .filter(server -> !server.equals(newest()) && !server.process().isDead())
        .forEach(SimServer::kill);
    watch();
  }

  private void watch() {
    if (newest().isStopped() || newest().process().isDead()) {
      restart();
    }
    loop.at(loop.nowNanos() + WATCH_NANOS, this::watch);
  }

  @Override
  public void close() {
    for (SimDisk disk : disks) {
      disk.close();
    }
  }
}
