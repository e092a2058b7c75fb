package org.holdfast.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.backup.Backup;
import org.holdfast.client.backup.BackupOptions;
import org.holdfast.client.backup.BackupProgress;
import org.holdfast.client.backup.BackupScope;
import org.holdfast.client.backup.BackupSummary;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.restore.FailedEntry;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.tree.Comparison;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeComparer;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Connection;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.jspecify.annotations.Nullable;

/// A machine that is backed up: the client that ships, over a tree in memory. Several may share a
/// key, and then a model.
///
/// It makes so many backups, each tried until it is acknowledged or given up, and looks now and
/// then whether everything that it was promised is there.
final class SimClient {
  private static final byte[] HOME = "home".getBytes(StandardCharsets.US_ASCII);
  private static final int ATTEMPTS_MAX = 4;
  private static final long PLACE_NANOS_MAX = 600_000_000_000L;

  private final KeyFile key;
  private final Services services;
  private Rounds rounds;
  private final SplittableRandom random;
  private final Model model;
  private final SimTree tree;
  private final ClientDisk disk;
  private int round;
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

  /// Makes one more backup, as often as it takes.
  void oneMore(SimProcess started) {
    round = 0;
    rounds = new Rounds(1, 1000, true);
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
      }
    } catch (Violation e) {
      violation = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      violation = new Violation(process.name() + " has met a defect", e);
    }
  }

  private void backUp() throws Violation, InterruptedException {
    for (int i = 0; i < ATTEMPTS_MAX || rounds.mustSucceed(); i++) {
      // Each attempt has a name of its own: the model tells by it what came of it.
      String name = "%s-%d-%d-%d".formatted(process.name(), round, i, random.nextInt(1 << 30));
      Model.Attempt attempt = model.attempt(name, tree.copy());
      Optional<SimServer> server = Optional.empty();
      try {
        server = Optional.of(services.choose(random));
        disk.check();
        BackupSummary made = backUpTo(server.get(), name);
        disk.promise(made.sequence());
        long record = services.ledger().commit(key.machineId(), made.root());
        if (record == 0) {
          throw new Violation(name + " is acknowledged, and its commit is not in the bucket");
        }
        attempt.acknowledge(record);
        process.note("has made " + name);
        return;
      } catch (IOException e) {
        if (!disk.hasFailed()) {
          throw new Violation(process.name() + " cannot use its disk", e);
        }
        process.note("has no room: " + e.getMessage());
      } catch (CorruptException e) {
        // A server that does not know yet that it was replaced is behind, and is told so.
        if (server.isEmpty() || services.isOwner(server.get())) {
          throw new Violation(process.name() + " is told of damage in a backup", e);
        }
        process.note("does not believe an old server: " + e.getMessage());
      } catch (HoldfastException e) {
        process.note("has not made " + name + ": " + e.getMessage());
      }
      process.clock().sleepMillis(1_000 + random.nextLong(60_000));
    }
  }

  private BackupSummary backUpTo(SimServer server, String name)
      throws HoldfastException, IOException {
    try (Session session = open(server)) {
      Backup backup =
          new Backup(
              session,
              key,
              tree,
              disk.cache(process),
              process.clock(),
              process.spawner(),
              process.random(),
              new BackupProgress());
      return backup.run(scope(), options(name));
    }
  }

  /// Lists, compares with the model, and restores one archive.
  void check() throws Violation, InterruptedException {
    for (int i = 0; i < ATTEMPTS_MAX || rounds.mustSucceed(); i++) {
      boolean mayDamage = services.mayDamage();
      Optional<SimServer> server = Optional.empty();
      try {
        server = Optional.of(services.choose(random));
        lookAt(server.get(), () -> mayDamage || services.mayDamage());
        return;
      } catch (FileAccessException e) {
        throw new Violation(process.name() + " cannot use its tree", e);
      } catch (CorruptException e) {
        // A server that does not know yet that it was replaced is behind, and is not believed.
        boolean isBehind = server.isPresent() && !services.isOwner(server.get());
        if (!mayDamage && !services.mayDamage() && !isBehind) {
          throw new Violation(process.name() + " is told of damage", e);
        }
        process.note("is told of damage: " + e.getMessage());
      } catch (HoldfastException e) {
        process.note("could not look: " + e.getMessage());
      }
      process.clock().sleepMillis(1_000 + random.nextLong(60_000));
    }
  }

  private void lookAt(SimServer server, BooleanSupplier mayDamage)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    try (Session session = open(server);
        Catalog catalog = Catalog.open(session, key)) {
      Set<String> known = model.known();
      ArchiveList list = believed(catalog);
      Map<ArchiveInfo, SourceTree> archives =
          model.check(list, services.isOwner(server) ? known : Set.of(), mayDamage.getAsBoolean());
      checkCommitted(list);
      List<ArchiveInfo> infos = List.copyOf(archives.keySet());
      if (!infos.isEmpty()) {
        ArchiveInfo info = infos.get(random.nextInt(infos.size()));
        restore(catalog, info, Objects.requireNonNull(archives.get(info)), mayDamage);
      }
      peek(session);
      take(session, server, mayDamage);
    }
  }

  /// A listing that this client takes for true, which has seen some before.
  private ArchiveList believed(Catalog catalog) throws HoldfastException, Violation {
    Optional<SeenArchive> seen = SeenArchive.read(disk.cache(process));
    ArchiveList list = catalog.list(seen);
    if (seen.isPresent()
        && list.unreadable().isEmpty()
        && list.archives().stream().noneMatch(info -> info.root().equals(seen.get().root()))) {
      throw new Violation(process.name() + " believes a listing without what it has seen");
    }
    return list;
  }

  /// What is shown is in the bucket.
  private void checkCommitted(ArchiveList list) throws Violation {
    for (ArchiveInfo info : list.archives()) {
      if (!services.ledger().isShown(key.machineId(), info.root())) {
        throw new Violation("archive " + info.name() + " is listed, and not committed");
      }
    }
  }

  /// Asks for a block that only its transaction may have, if there is one: it must be missing.
  private void peek(Session session) throws HoldfastException, Violation {
    Optional<Ledger.Block> hidden =
        services.ledger().hidden(key.machineId(), random.nextInt(Integer.MAX_VALUE));
    if (hidden.isEmpty()) {
      return;
    }
    Optional<ByteBuffer> given = fetch(session, hidden.get());
    if (given.isPresent() && !services.ledger().isVisible(hidden.get())) {
      throw new Violation("a block of an open transaction is given away: " + hidden.get());
    }
    process.note(given.isPresent() ? "was given what is committed by now" : "was given nothing");
  }

  /// Asks for a block that everybody may have: it is what was stored.
  private void take(Session session, SimServer server, BooleanSupplier mayDamage)
      throws HoldfastException, Violation {
    Optional<Ledger.Block> some =
        services.ledger().visible(key.machineId(), random.nextInt(Integer.MAX_VALUE));
    if (some.isEmpty() || !services.isOwner(server)) {
      return;
    }
    // What is in the bucket and was acknowledged to nobody when it was asked for, its owner may not
    // have known yet.
    boolean isKnown = services.ledger().stored(some.get()).record() <= model.acknowledgedRecord();
    Optional<ByteBuffer> given = fetch(session, some.get());
    if (given.isEmpty() && isKnown && services.isOwner(server) && !mayDamage.getAsBoolean()) {
      throw new Violation("a block is not given that is in the bucket: " + some.get());
    }
    if (given.isPresent() && !services.ledger().is(some.get(), given.get())) {
      throw new Violation("a block is given that is not what was stored: " + some.get());
    }
  }

  private Optional<ByteBuffer> fetch(Session session, Ledger.Block block) throws HoldfastException {
    List<ByteBuffer> given = new ArrayList<>();
    session.fetch(
        key.machineId(),
        List.of(new BlockRef(block.kind(), block.name())),
        1 << 24,
        new FetchSink<HoldfastException>() {
          @Override
          public void block(int index, ByteBuffer bytes) {
            given.add(bytes);
          }

          @Override
          public void missing(int index) {}
        });
    return given.isEmpty() ? Optional.empty() : Optional.of(given.getFirst());
  }

  /// Restores everything that it was ever promised, in a process of somebody else. A server with
  /// few places may need a while to miss who is gone.
  void checkAll(SimServer server, SimProcess by) throws Violation, InterruptedException {
    process = by;
    long start = by.clock().nanos();
    while (true) {
      try {
        checkAll(server);
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

  private void checkAll(SimServer server)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    try (Session session = open(server);
        Catalog catalog = Catalog.open(session, key)) {
      ArchiveList list = believed(catalog);
      checkCommitted(list);
      for (var each : model.check(list, model.known(), false).entrySet()) {
        restore(catalog, each.getKey(), each.getValue(), () -> false);
      }
      peek(session);
      take(session, server, () -> false);
    }
  }

  private void restore(
      Catalog catalog, ArchiveInfo info, SourceTree original, BooleanSupplier mayDamage)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    MemoryTree target = new MemoryTree();
    RestoreOptions options = new RestoreOptions(ArchivePath.of(HOME), List.of(), false, false);
    var summary =
        new Restore(
                catalog.blocks(),
                catalog.read(info),
                () -> target,
                options,
                new RestoreProgress(),
                process.clock(),
                process.spawner(),
                2)
            .run();
    if (!summary.isComplete() && !mayDamage.getAsBoolean()) {
      throw new Violation("archive " + info.name() + " is not whole: " + summary.failed());
    }
    Comparison comparison =
        new TreeComparer(process.spawner(), new TreeComparer.Options(true, false, 1, 100))
            .compare(original, target);
    if (!comparison.isEqual() && (summary.isComplete() || !isHalf(comparison, summary.failed()))) {
      throw new Violation("archive " + info.name() + " differs: " + comparison.differences());
    }
    process.note(
        (summary.isComplete() ? "has restored " : "has restored a part of ") + info.name());
  }

  /// Whether all that differs was said to have failed, or is not there at all. The folder itself
  /// cannot be what it was.
  private static boolean isHalf(Comparison comparison, List<FailedEntry> failed) {
    return comparison.differences().stream()
        .allMatch(line ->
            line.endsWith("is missing in the restored tree")
                || line.startsWith(". ")
                || line.startsWith(".:")
                || failed.stream()
                    .anyMatch(each -> each.path().toString().endsWith(line.split(":", 2)[0])));
  }

  private Session open(SimServer server) throws HoldfastException {
    return Session.open(
        services.connect(server, process), process.clock(), process.spawner(), "simulated");
  }

  static BackupScope scope() {
    try {
      return BackupScope.of(
          List.of(SimTree.ROOT.getBytes(StandardCharsets.US_ASCII)), List.of(), false);
    } catch (HoldfastException e) {
      throw new IllegalStateException(e);
    }
  }

  private static BackupOptions options(String name) {
    return new BackupOptions(name, List.of(), "", "host", "user", "simulated", 1, 2);
  }

  /// Where a client connects to.
  interface Services {
    SimServer choose(SplittableRandom luck) throws UnavailableException;

    /// Whether nobody has taken the log over from it. Only then it must know everything.
    boolean isOwner(SimServer server);

    Connection connect(SimServer server, SimProcess caller) throws UnavailableException;

    /// Whether what is in the bucket may not be given to who asks for it.
    boolean mayDamage();

    Ledger ledger();
  }

  /// How much a client does.
  ///
  /// @param mustSucceed whether it tries without end
  record Rounds(int count, long pauseMillis, boolean mustSucceed) {}
}
