package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Connection;
import org.holdfast.server.Rebuild;
import org.holdfast.server.index.IndexException;
import org.jspecify.annotations.Nullable;

/// The servers of one service, of which one should own the log at a time, and sometimes two believe
/// that they do. Two machines with a disk each; the newest server is on `current`. Somebody watches
/// over it, who starts it again when it has given up.
final class Fleet implements Services {
  private static final long WATCH_NANOS = 10_000_000_000L;
  private static final long STOP_MILLIS_MAX = 30_000;
  private static final long REBUILD_MILLIS_MAX = 20_000;

  private final World world;
  private final SplittableRandom random;
  private final SimDisk[] disks = {new SimDisk(), new SimDisk()};
  private final List<SimDisk.Snapshot> old = new ArrayList<>();
  private final List<SimServer> all = new ArrayList<>();
  private @Nullable SimProcess rebuild;
  private @Nullable Violation violation;
  private int current;
  private int started;

  Fleet(World world) {
    this.world = world;
    this.random = world.chance().stream("fleet");
  }

  /// Starts a server on the current machine.
  SimServer start() {
    SimProcess process = world.process("server" + ++started);
    SimServer server = new SimServer(world, process, disks[current]);
    all.add(server);
    server.start();
    return server;
  }

  SimServer newest() {
    return all.getLast();
  }

  @Nullable Violation violation() {
    for (SimServer server : all) {
      if (server.violation() != null) {
        return server.violation();
      }
    }
    return violation;
  }

  /// The newest is killed, or stopped, and started again, on its disk as it was, an empty one or an
  /// old one.
  void restart() {
    keepSnapshot();
    endRebuild();
    SimServer server = newest();
    boolean isClean =
        server.isServing()
            && !server.isStopping()
            && !server.process().isPaused()
            && world.faults().strike(Rates::clean);
    if (!isClean) {
      again(server);
      return;
    }
    Runnable then = () -> again(server);
    server.stop(() -> world.loop().at(world.loop().nowNanos(), then));
    if (isImpatient()) {
      world.loop().at(soon(STOP_MILLIS_MAX), then);
    }
  }

  private void again(SimServer server) {
    if (!server.equals(newest()) || rebuild != null) {
      return;
    }
    boolean wasAlive = !server.process().isDead();
    if (wasAlive) {
      server.kill();
    }
    if (isWiped()) {
      server.process().note("has lost its disk");
      disks[current].wipe();
    } else if (!old.isEmpty() && world.faults().strike(Rates::stale)) {
      server.process().note("gets an old disk");
      disks[current].goBack(old.get(random.nextInt(old.size())));
    }
    if (world.faults().strike(Rates::rebuilt)) {
      rebuild();
    } else {
      start();
    }
  }

  private boolean isWiped() {
    return world.faults().strike(Rates::wiped)
        || (world.setting().makesImages() && world.faults().strike(Rates::wipedImaged));
  }

  /// Whether the operator cuts short what takes long, which in fair weather has to end by itself.
  private boolean isImpatient() {
    return random.nextBoolean();
  }

  private long soon(long millisMax) {
    return world.loop().nowNanos() + random.nextLong(millisMax) * 1_000_000;
  }

  /// An operator has the index made anew before the server starts, or is cut short.
  private void rebuild() {
    SimProcess process = world.process("rebuild" + started);
    rebuild = process;
    SimDisk disk = disks[current];
    process.note("rebuilds the index");
    process
        .spawner()
        .spawn(
            "main",
            () -> {
              rebuild(process, disk);
              world.loop().at(world.loop().nowNanos(), () -> afterRebuild(process));
            });
    if (isImpatient()) {
      world.loop().at(soon(REBUILD_MILLIS_MAX), () -> afterRebuild(process));
    }
  }

  private void rebuild(SimProcess process, SimDisk disk) {
    long begunNanos = world.loop().nowNanos();
    boolean wasTorn = disk.isTorn();
    DiskUser user =
        DiskUser.of(
            process,
            world.loop(),
            world.faults().of(process.name()),
            world.chance().stream(process.name() + " disk"),
            // Whoever has had it made sees that it is gone.
            () -> afterRebuild(process));
    int how = random.nextInt(4);
    try (Endings.Work _ = world.endings().begin(process, "rebuilds the index")) {
      Rebuild.Report report =
          new Rebuild(
                  SimServer.terms(
                      process,
                      world.setting(),
                      world.bucketOf(process),
                      folder -> disk.open(folder, user)),
                  disk.folder(user),
                  Rebuild.Progress.NONE)
              .run(Rebuild.How.of(how == 0, how > 1, false));
      process.note("has rebuilt: " + report.comparison());
      // One that cannot be read differs too.
      boolean isExcused = wasTorn || user.wasRefused(begunNanos);
      if (report.comparison() == Rebuild.Comparison.DIFFERENT && !isExcused) {
        violation = new Violation("the index is not what the log says, finds " + process.name());
      }
    } catch (HoldfastException e) {
      process.note("cannot rebuild: " + e.getMessage());
      boolean isAway = e instanceof UnavailableException;
      Throwable why = e;
      if (e.getCause() instanceof IndexException failed) {
        isAway = false;
        why = failed;
      }
      if (!isAway && !world.mishaps().mayKeepFromStarting(process, disk, user, why, begunNanos)) {
        violation = new Violation("the index cannot be rebuilt", e);
      }
    } catch (RuntimeException | Error e) {
      violation = new Violation("the index cannot be rebuilt", e);
    }
  }

  private void afterRebuild(SimProcess process) {
    if (process.equals(rebuild)) {
      endRebuild();
      start();
    }
  }

  private void endRebuild() {
    SimProcess running = rebuild;
    if (running != null) {
      running.kill();
      disks[current].crash(random, world.faults().of(running.name()));
      rebuild = null;
    }
  }

  /// The newest sleeps, and another machine takes over; answers who sleeps.
  SimProcess takeOver() {
    endRebuild();
    SimProcess sleeper = newest().process();
    sleeper.pause();
    current = 1 - current;
    all.stream()
        .filter(server -> server != newest() && !server.process().isDead())
        .forEach(SimServer::kill);
    start();
    return sleeper;
  }

  /// Who sleeps wakes up and does not know.
  void wakeAll() {
    all.stream()
        .filter(server -> server.process().isPaused() && !server.process().isDead())
        .forEach(server -> server.process().resume());
  }

  /// The disk of the newest has no room for a while.
  void fillDisk(long millis) {
    SimDisk disk = disks[current];
    newest().process().note("has a full disk");
    disk.fill(true);
    world.mishaps().full(disk, millis);
    world.loop().at(world.loop().nowNanos() + millis * 1_000_000, () -> disk.fill(false));
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
  public Connection connect(SimServer server, SimProcess caller) throws UnavailableException {
    return server.connect(caller);
  }

  @Override
  public boolean isOwner(SimServer server) {
    return all.stream().allMatch(other -> other.epoch() <= server.epoch());
  }

  @Override
  public Loop loop() {
    return world.loop();
  }

  @Override
  public Endings.Work begin(SimProcess caller, String what) {
    return world.endings().begin(caller, what);
  }

  @Override
  public boolean isLongFair() {
    return world.endings().isLongFair();
  }

  @Override
  public Ledger ledger() {
    return world.ledger();
  }

  /// A client's process is gone; half of the time nobody hears of it.
  void hangUp(SimProcess caller) {
    if (random.nextBoolean()) {
      all.stream()
          .filter(server -> !server.process().isDead())
          .forEach(server -> server.hangUp(caller));
    }
  }

  /// Disks have room again.
  void makeRoom() {
    for (SimDisk disk : disks) {
      disk.fill(false);
    }
  }

  /// From here on there is one server.
  void settle() {
    endRebuild();
    all.stream()
        .filter(server -> !server.equals(newest()) && !server.process().isDead())
        .forEach(SimServer::kill);
  }

  /// From here on a server that has given up is started again, and one that takes no backups any
  /// more as well, after a while.
  void watch() {
    SimServer server = newest();
    boolean isCalm = world.faults().rates().equals(Rates.NONE);
    boolean isOut = server.hasFailed() || server.process().isDead();
    boolean isSeen = isCalm || random.nextInt(6) == 0;
    if (rebuild == null
        && !server.process().isPaused()
        && (isOut || (server.isStopped() && isSeen))) {
      restart();
    }
    world.loop().at(world.loop().nowNanos() + WATCH_NANOS, this::watch);
  }
}
