package org.holdfast.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.select.Exclusions;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;

/// A machine that is backed up: the client that ships, over a tree in memory. Several may share a
/// key, and then a model.
///
/// It makes so many backups, each tried until it is acknowledged or given up, and looks now and
/// then whether everything that it was promised is there.
final class SimClient {
  /// What retention groups by.
  static final List<String> TAGS = List.of("", "weekly");

  private static final int ATTEMPTS_MAX = 4;

  private static final long PLACE_NANOS_MAX = 600_000_000_000L;

  /// So often an attempt may fail in fair weather: where somebody else has the same key and gets in
  /// between.
  private static final int FAIR_FAILURES_MAX = 5;

  private final KeyFile key;
  private final Services services;
  private Rounds rounds;
  private final SplittableRandom random;
  private final Model model;
  private final SimTree tree;
  private final ClientDisk disk;
  private int round;
  private int fairFailures;
  private SimProcess process;
  private @Nullable Violation violation;

  SimClient(
      KeyFile key,
      Model model,
      Services services,
      Rounds rounds,
      Size size,
      SimProcess process,
      ClientDisk disk,
      SplittableRandom random) {
    this.key = key;
    this.model = model;
    this.services = services;
    this.rounds = rounds;
    this.process = process;
    this.disk = disk;
    this.random = random;
    this.tree = new SimTree(size, random.split());
  }

  SimProcess process() {
    return process;
  }

  ClientDisk disk() {
    return disk;
  }

  /// Goes on with the rounds, in this process.
  void start(SimProcess started) {
    process = started;
    process.spawner().spawn("main", this::run);
  }

  /// Goes on where it is, and has done with the backup that is under way or comes next.
  void finish() {
    int last = Math.min(round + 1, rounds.count());
    rounds = new Rounds(last, rounds.pauseMillis(), 0, true);
  }

  /// Makes one more backup, as often as it takes.
  void oneMore(SimProcess started) {
    round = 0;
    fairFailures = 0;
    rounds = new Rounds(1, 1000, 0, true);
    start(started);
  }

  boolean isDone() {
    return round >= rounds.count() || violation != null;
  }

  @Nullable Violation violation() {
    return violation;
  }

  private void run() {
    try {
      for (; round < rounds.count(); round++) {
        process.clock().sleepMillis(random.nextLong(rounds.pauseMillis()));
        tree.change();
        backUp();
        if (random.nextInt(3) == 0) {
          check();
        }
        for (int i = random.nextInt(rounds.tidies() + 1); i > 0 && !rounds.mustSucceed(); i--) {
          tidyUp();
        }
      }
    } catch (Violation e) {
      violation = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      violation = new Violation(process.name() + " has met a defect", e);
    }
  }

  /// Deletes some archives, or brings some back; once, whatever comes of it.
  private void tidyUp() throws Violation, InterruptedException {
    boolean isBack = false;
    long begunNanos = process.clock().nanos();
    try (Endings.Work _ = services.begin(process, "tidies up")) {
      SimServer server = services.choose(random);
      isBack =
          new SimTidier(key, model, services, random, process, disk.cache(process)).run(server);
    } catch (IOException e) {
      judge(e, begunNanos);
    } catch (HoldfastException e) {
      process.note("has not tidied up: " + e.getMessage());
    }
    if (isBack) {
      check();
    }
  }

  private void backUp() throws Violation, InterruptedException {
    for (int i = 0; i < ATTEMPTS_MAX || rounds.mustSucceed(); i++) {
      // Each attempt has a name of its own: the model tells by it what came of it.
      String name = "%s-%d-%d-%d".formatted(process.name(), round, i, random.nextInt(1 << 30));
      Model.Attempt attempt = model.attempt(name, tree.copy());
      long begunNanos = process.clock().nanos();
      Optional<SimServer> server = Optional.empty();
      boolean isLongFair = services.isLongFair();
      try (Endings.Work _ = services.begin(process, "backs up")) {
        server = Optional.of(services.choose(random));
        disk.check();
        Reliance reliance = new Reliance(server.get(), key.machineId(), services.ledger());
        BackupSummary made = backUpTo(server.get(), name, reliance);
        disk.promise(made.sequence());
        long record = services.ledger().commit(key.machineId(), made.root());
        if (record == 0) {
          throw new Violation(name + " is acknowledged, and its commit is not in the bucket");
        }
        attempt.acknowledge(made.root(), record, reliance.acknowledged());
        process.note("has made " + name);
        return;
      } catch (IOException e) {
        judge(e, begunNanos);
      } catch (CorruptException e) {
        // A server that does not know yet that it was replaced is behind, and is told so.
        if (server.isEmpty() || services.isOwner(server.get())) {
          throw new Violation(process.name() + " is told of damage in a backup", e);
        }
        process.note("does not believe an old server: " + e.getMessage());
      } catch (HoldfastException e) {
        process.note("has not made " + name + ": " + e.getMessage());
        judge(isLongFair, server, e);
      }
      process.clock().sleepMillis(1_000 + random.nextLong(60_000));
    }
  }

  private void committing(Reliance reliance) {
    try {
      reliance.asked();
    } catch (Violation e) {
      violation = e;
    }
  }

  private void judge(IOException why, long begunNanos) throws Violation {
    if (!disk.hasFailed(begunNanos)) {
      throw new Violation(process.name() + " cannot use its disk", why);
    }
    process.note("has no room: " + why.getMessage());
  }

  private BackupSummary backUpTo(SimServer server, String name, Reliance reliance)
      throws HoldfastException, IOException {
    Overheard heard =
        new Overheard(
            services.connect(server, process), services.loop(), () -> committing(reliance));
    try (Session session = Session.open(heard, process.clock(), process.spawner(), "simulated")) {
      Backup backup =
          new Backup(
              session,
              key,
              tree,
              disk.cache(process),
              process.clock(),
              process.spawner(),
              process.spawner(),
              process.random(),
              new BackupProgress());
      return backup.run(scope(), options(name));
    }
  }

  /// Lists, compares with the model, and restores one archive.
  void check() throws Violation, InterruptedException {
    for (int i = 0; i < ATTEMPTS_MAX || rounds.mustSucceed(); i++) {
      Optional<SimServer> server = Optional.empty();
      boolean isLongFair = services.isLongFair();
      try (Endings.Work _ = services.begin(process, "looks")) {
        server = Optional.of(services.choose(random));
        reader().lookAt(server.get());
        return;
      } catch (FileAccessException e) {
        throw new Violation(process.name() + " cannot use its tree", e);
      } catch (HoldfastException e) {
        process.note("could not look: " + e.getMessage());
        judge(isLongFair, server, e);
      }
      process.clock().sleepMillis(1_000 + random.nextLong(60_000));
    }
  }

  /// In fair weather what is tried succeeds, unless there is no place for it, or no server that
  /// owns the log.
  private void judge(boolean isLongFair, Optional<SimServer> server, HoldfastException why)
      throws Violation {
    boolean isWithoutPlace = String.valueOf(why.getMessage()).contains("as many as it takes");
    boolean isOwner = server.isPresent() && services.isOwner(server.get());
    if (isLongFair && isOwner && !isWithoutPlace && ++fairFailures > FAIR_FAILURES_MAX) {
      throw new Violation(process.name() + " fails again and again in fair weather", why);
    }
  }

  /// Restores everything that it was ever promised, in a process of somebody else. A server with
  /// few places may need a while to miss who is gone.
  void checkAll(SimServer server, SimProcess by) throws Violation, InterruptedException {
    process = by;
    long start = by.clock().nanos();
    while (true) {
      try {
        reader().lookAtAll(server);
        return;
      } catch (FileAccessException | CorruptException e) {
        throw new Violation(process.name() + " cannot restore in fair weather", e);
      } catch (HoldfastException e) {
        if (by.clock().nanos() - start > PLACE_NANOS_MAX) {
          throw new Violation(process.name() + " cannot restore in fair weather", e);
        }
        by.clock().sleepMillis(10_000);
      }
    }
  }

  private SimReader reader() {
    return new SimReader(key, model, services, random, process, disk.cache(process));
  }

  static BackupScope scope() {
    try {
      return BackupScope.of(
          List.of(SimTree.ROOT.getBytes(StandardCharsets.US_ASCII)), List.of(), Exclusions.NONE);
    } catch (HoldfastException e) {
      throw new IllegalStateException(e);
    }
  }

  private BackupOptions options(String name) {
    String tag = TAGS.get(random.nextInt(TAGS.size()));
    return new BackupOptions(name, List.of(), tag, "host", "user", "simulated", 1, 2);
  }

  /// How much a client does.
  ///
  /// @param tidies how often it deletes something, or brings something back, after a backup at most
  /// @param mustSucceed whether it tries without end
  record Rounds(int count, long pauseMillis, int tidies, boolean mustSucceed) {}
}
