package org.holdfast.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.ServiceId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogWriter;
import org.holdfast.log.StateDigest;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.ServerMode;
import org.holdfast.server.Service;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.IndexException;
import org.holdfast.server.session.Sessions;
import org.holdfast.server.shard.AfterCrash;
import org.holdfast.server.shard.DamagedCopy;
import org.holdfast.server.shard.Follower;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.jspecify.annotations.Nullable;

/// One start of the server that ships: it takes the log over, serves, and is killed or stops.
final class SimServer {
  static final ServiceId SERVICE = ServiceId.of(new byte[ServiceId.LENGTH]);
  static final LogKey KEY = new LogKey(Bytes.wrap(new byte[LogKey.LENGTH]));
  private static final long AGAIN_MILLIS = 3_000;

  /// Some two minutes.
  private static final int FOLLOWED_LOOKS_MAX = 40;

  private final World world;
  private final SimProcess process;
  private final Bucket bucket;
  private final SimDisk disk;
  private final SplittableRandom random;
  private final SplittableRandom luck;
  private final Faults faults;
  private final DiskUser user;
  private final List<Wire> wires = new ArrayList<>();
  private final List<Trouble> troubles = new ArrayList<>();
  private @Nullable Service service;
  private @Nullable Chores chores;
  private @Nullable Sessions sessions;
  private @Nullable Index index;
  private @Nullable Throwable failed;
  private @Nullable Violation violation;
  private boolean stopped;
  private boolean isStopping;
  private int connections;
  private int epoch;
  private long begunRecord;

  SimServer(World world, SimProcess process, SimDisk disk) {
    this.world = world;
    this.process = process;
    this.bucket = world.bucketOf(process);
    this.disk = disk;
    this.random = world.chance().stream(process.name());
    this.luck = world.chance().stream(process.name() + " standby");
    this.faults = world.faults().of(process.name());
    this.user =
        DiskUser.of(
            process,
            world.loop(),
            faults,
            world.chance().stream(process.name() + " disk"),
            this::die);
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
    try (Endings.Work _ = world.endings().beginUntilFair(process, "starts")) {
      serveAtLast();
    }
  }

  private void serveAtLast() {
    while (service == null && failed == null) {
      long begunNanos = world.loop().nowNanos();
      try (Endings.Work _ = world.endings().begin(process, "tries to start")) {
        serveOnce();
      } catch (UnavailableException e) {
        process.note("tries again: " + e.getMessage());
        rest();
      } catch (HoldfastException | IndexException e) {
        process.note("does not start: " + e);
        failed = e;
        if (!world.mishaps().mayKeepFromStarting(process, disk, user, e, begunNanos)) {
          violation = new Violation(process.name() + " cannot start", e);
        }
      } catch (Violation e) {
        failed = e;
        violation = e;
      } catch (RuntimeException | Error e) {
        failed = e;
        violation = new Violation(process.name() + " cannot start", e);
      }
    }
  }

  private void serveOnce() throws HoldfastException, Violation {
    Service.Terms terms =
        terms(
            bucket,
            folder -> {
              Index opened = disk.open(folder, user);
              index = opened;
              return opened;
            });
    Service owned =
        world.setting().standsBy() && luck.nextBoolean() ? followed(terms) : owned(terms);
    epoch = owned.shard().epoch();
    begunRecord = world.ledger().lastBefore(epoch);
    sessions =
        new Sessions(
            owned.shard(),
            SERVICE,
            ServerMode.ALL,
            world.setting().limits(),
            process.clock(),
            process.spawner(),
            process::note);
    service = owned;
    Chores begun = new Chores(world, this, owned, terms, faults);
    chores = begun;
    begun.begin();
    disk.vouch();
    process.note("serves epoch " + epoch);
  }

  private Service owned(Service.Terms terms) throws HoldfastException {
    return Service.own(terms, disk.folder(user), starting(), new Heard());
  }

  private ShardStart.Listener starting() {
    return world.images().counting(process);
  }

  /// Follows the log for a while, beside its owner if that lives, and then takes it over.
  private Service followed(Service.Terms terms) throws HoldfastException {
    Service standby =
        Service.standby(terms, disk.folder(user), AfterCrash.VERIFY, starting(), new Heard());
    process.note("follows the log");
    boolean isOwner = false;
    try {
      Follower follower = standby.follower(terms);
      follow(follower);
      standby.own(terms, standby.seal(terms, ShardStart.Listener.NONE), follower);
      isOwner = true;
      return standby;
    } finally {
      if (!isOwner) {
        putDown(standby);
      }
    }
  }

  private void follow(Follower follower) throws HoldfastException {
    int looks = luck.nextInt(FOLLOWED_LOOKS_MAX);
    for (int i = 0; i < looks && !world.endings().isFair(); i++) {
      Follower.Step step = follower.advance();
      if (step == Follower.Step.HOLE) {
        throw new UnavailableException("the log was cleaned while it was not followed");
      }
      if (step == Follower.Step.NOTHING) {
        rest();
      }
    }
  }

  private void putDown(Service standby) {
    try {
      standby.close();
    } catch (HoldfastException | IndexException e) {
      process.note("leaves its index as it is: " + e.getMessage());
    }
  }

  private void rest() {
    try {
      process.clock().sleepMillis(AGAIN_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Service.Terms terms(Bucket over, Index.Opening indexes) {
    return terms(process, world.setting(), over, indexes);
  }

  static Service.Terms terms(
      SimProcess process, Setting setting, Bucket bucket, Index.Opening indexes) {
    return new Service.Terms(
        SERVICE,
        KEY,
        bucket,
        process.clock(),
        process.spawner(),
        process.random(),
        setting.lingerMillis(),
        setting.graceMillis(),
        setting.patienceMillis(),
        indexes,
        setting.segmentDataLength(),
        LogWriter.IN_FLIGHT_MAX,
        setting.sorting());
  }

  /// Whether clients are answered.
  boolean isServing() {
    return service != null && !process.isDead();
  }

  /// The term in which it owns the log; 0 if it does not serve yet.
  int epoch() {
    return epoch;
  }

  /// The last record of the log that it has taken over.
  long begunRecord() {
    return begunRecord;
  }

  /// Whether it has found out that it may not write any more, or cannot.
  boolean isStopped() {
    return stopped;
  }

  /// Whether it has given up to start: somebody has to start another.
  boolean hasFailed() {
    return failed != null;
  }

  @Nullable Violation violation() {
    return violation != null || chores == null ? violation : chores.violation();
  }

  Service service() {
    return Objects.requireNonNull(service);
  }

  Sessions sessions() {
    return Objects.requireNonNull(sessions);
  }

  /// The index that it has opened last.
  Index index() {
    return Objects.requireNonNull(index);
  }

  SimDisk disk() {
    return disk;
  }

  /// What it does beside answering; empty before it serves.
  Optional<Chores> chores() {
    return Optional.ofNullable(chores);
  }

  /// A client's end of a new connection.
  Connection connect(SimProcess caller) throws UnavailableException {
    Sessions serving = sessions;
    if (serving == null || process.isDead()) {
      throw new UnavailableException("nobody listens there");
    }
    Wire wire = Wire.from(caller, world, process.name() + ":wire" + ++connections);
    wires.removeIf(Wire::isBroken);
    wires.add(wire);
    process.spawner().spawn("session", () -> serving.handle(wire.serverEnd()));
    return wire.clientEnd();
  }

  /// A process is gone, and its machine says so to whom it was connected with.
  void hangUp(SimProcess caller) {
    wires.stream().filter(wire -> wire.caller().equals(caller)).forEach(Wire::cut);
  }

  /// What an archive that is shown needs is given, or could not be read in time, or was deleted.
  void checkMissed(Overheard heard) throws Violation {
    for (Overheard.Missed each : heard.missed()) {
      if (!mayMiss(each)) {
        throw new Violation("a block of an archive is not given: " + each.block());
      }
    }
  }

  /// Whether a block need not have been given: its object could not be read, or a deletion has
  /// hidden it behind the record up to which the log was known when it was asked for.
  boolean mayMiss(Overheard.Missed missed) throws Violation {
    return world.ledger().blocks().mayBeHidden(missed.block(), missed.known())
        || mayNotRead(missed);
  }

  /// Whether each copy of the block that was to be seen all the time could not be read; or any
  /// copy, if there is none of these.
  boolean mayNotRead(Overheard.Missed missed) throws Violation {
    Blocks blocks = world.ledger().blocks();
    List<Ledger.Stored> places = blocks.places(missed.block());
    List<Long> shown = blocks.shown(missed.block(), missed.known());
    if (shown.isEmpty()) {
      return places.stream().anyMatch(place -> mayNotRead(place, missed.askedNanos()));
    }
    return shown.stream()
        .allMatch(copy ->
            places.stream()
                .anyMatch(
                    place -> place.record() == copy && mayNotRead(place, missed.askedNanos())));
  }

  /// Whether an object was asked for in vain since then, or was wrong once while this server knew
  /// of some damage, and asked no further.
  boolean mayNotRead(Ledger.Stored place, long askedNanos) {
    String key = place.segment().key();
    Mishaps mishaps = world.mishaps();
    return mishaps.wasAskedInVain(process, key, askedNanos)
        || troubles.stream()
            .anyMatch(each ->
                mishaps.wasWrong(process, key, Math.max(askedNanos, each.fromNanos), each.toNanos));
  }

  /// Whether the object of a copy was shown wrong to anybody at any time.
  boolean wasWrong(Ledger.Stored place) {
    return world.mishaps().wasEverWrong(place.segment().key());
  }

  /// The machine's copies of which it knows that they are damaged.
  Set<DamagedCopy> damagedCopies(MachineId machine) {
    return service().shard().damagedCopies(machine);
  }

  /// Whether it was asked to stop.
  boolean isStopping() {
    return isStopping;
  }

  /// Stops as it is asked to, and then does `done`.
  void stop(Runnable done) {
    isStopping = true;
    process.note("is asked to stop");
    boolean wasFair = world.endings().isFair();
    process
        .spawner()
        .spawn(
            "stop",
            () -> {
              try (Endings.Work _ = world.endings().beginUntilFair(process, "stops")) {
                sessions().close();
                service().close();
                process.note("has stopped");
              } catch (HoldfastException | IndexException e) {
                process.note("has not stopped well: " + e.getMessage());
                judgeStop(e, wasFair);
              } catch (RuntimeException | Error e) {
                violation = new Violation(process.name() + " cannot stop", e);
              }
              done.run();
            });
  }

  /// What was not made durable by then was promised to nobody; but there has to be a reason: it has
  /// told of one before, or its disk is full, or the bucket takes nothing.
  private void judgeStop(Exception why, boolean wasFair) {
    boolean isExplained =
        switch (why) {
          case UnavailableException _ -> !wasFair;
          case IndexException _ -> disk.hasBeenFull();
          default -> false;
        };
    if (!stopped && !isExplained) {
      violation = new Violation(process.name() + " has not stopped well", why);
    }
  }

  /// Its disk keeps what it is told to by [SimDisk#crash].
  void kill() {
    process.kill();
    die();
  }

  private void die() {
    wires.forEach(Wire::cut);
    disk.crash(random, faults);
  }

  StateDigest digest() throws HoldfastException {
    return service().shard().read(state -> state.digest());
  }

  /// Hears whether backups are taken.
  private final class Heard implements ShardService.Listener {
    @Override
    public void stopped(Exception reason) {
      process.note("has stopped taking backups: " + reason.getMessage());
      stopped = true;
      Throwable cause = reason.getCause();
      boolean isDefect =
          (cause instanceof RuntimeException || cause instanceof Error)
              && !(cause instanceof IndexException);
      if (isDefect || reason instanceof CorruptException) {
        violation = new Violation(process.name() + " stops for a defect", reason);
        return;
      }
      try {
        if (reason instanceof ConflictException && epoch > 0 && !world.ledger().isOver(epoch)) {
          violation =
              new Violation(process.name() + " stops for a server that is not there", reason);
        }
      } catch (Violation e) {
        violation = e;
      }
    }

    @Override
    public void damaged(String line) {
      process.note(line);
      troubles.add(new Trouble(world.loop().nowNanos(), Long.MAX_VALUE));
    }

    @Override
    public void whole() {
      process.note("finds everything whole again");
      troubles.replaceAll(
          each -> new Trouble(each.fromNanos, Math.min(each.toNanos, world.loop().nowNanos())));
    }
  }

  /// A time in which it knows of damage.
  private record Trouble(long fromNanos, long toNanos) {}
}
