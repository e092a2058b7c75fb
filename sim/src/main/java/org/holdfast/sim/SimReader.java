package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.holdfast.client.archive.ArchivePath;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.ArchiveInfo;
import org.holdfast.client.catalog.ArchiveList;
import org.holdfast.client.catalog.Catalog;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.client.restore.FailedEntry;
import org.holdfast.client.restore.Restore;
import org.holdfast.client.restore.RestoreOptions;
import org.holdfast.client.restore.RestoreProgress;
import org.holdfast.client.tree.Comparison;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.client.tree.MemoryTree;
import org.holdfast.client.tree.SourceTree;
import org.holdfast.client.tree.TreeComparer;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.FetchSink;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;
import org.holdfast.server.shard.DamagedCopy;

/// One look of a client at what it was promised: the reading half of the client that ships, and the
/// model beside it.
final class SimReader {
  private static final byte[] HOME = "home".getBytes(StandardCharsets.US_ASCII);

  private final KeyFile key;
  private final Model model;
  private final Services services;
  private final SplittableRandom random;
  private final SimProcess process;
  private final Path cache;

  SimReader(
      KeyFile key,
      Model model,
      Services services,
      SplittableRandom random,
      SimProcess process,
      Path cache) {
    this.key = key;
    this.model = model;
    this.services = services;
    this.random = random;
    this.process = process;
    this.cache = cache;
  }

  /// Lists, compares with the model, restores one archive, and asks for blocks.
  void lookAt(SimServer server)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    Overheard heard = services.overhear(server, process, model);
    try {
      lookAt(server, heard);
    } catch (CorruptException e) {
      server.checkMissed(heard);
      // A server that does not know yet that it was replaced is behind, and is not believed.
      if (isSeenDeleted()) {
        process.note("does not believe a server without what it has seen, which was deleted");
        return;
      }
      if (heard.missed().isEmpty() && services.isOwner(server)) {
        throw new Violation(process.name() + " is told of damage", e);
      }
      throw e;
    }
  }

  /// Whether the archive that this machine relies on was deleted, by somebody else or without an
  /// answer: once it is freed nobody can tell that from a server that hides it.
  private boolean isSeenDeleted() throws HoldfastException, Violation {
    Optional<SeenArchive> seen = SeenArchive.read(cache);
    return seen.isPresent() && services.ledger().deleted().containsKey(archive(seen.get().left()));
  }

  private void lookAt(SimServer server, Overheard heard)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    try (Session session = Session.open(heard, process.clock(), process.spawner(), "simulated");
        Catalog catalog = Catalog.open(session, key)) {
      Model.Known known = known();
      Complaints complaints = complaints(server);
      ArchiveList list = believed(catalog);
      known = services.isOwner(server) ? known.and(known()) : Model.Known.NOTHING;
      Map<ArchiveInfo, SourceTree> archives = model.check(list, known, complaints);
      checkUnreadable(list, heard, complaints.known());
      checkCommitted(list);
      Optional<ArchiveInfo> some = some(archives.keySet());
      if (some.isPresent()) {
        SourceTree original = Objects.requireNonNull(archives.get(some.get()));
        if (random.nextBoolean() && !services.isLongFair()) {
          server.chores().ifPresent(Chores::cleanNow);
        }
        restore(catalog, some.get(), original, heard, complaints.known(), server);
      }
      server.checkMissed(heard);
      peek(session, server);
      take(session, server);
    }
  }

  /// One of them, rather one that was brought back.
  private Optional<ArchiveInfo> some(Set<ArchiveInfo> infos) throws Violation {
    List<ArchiveInfo> all = List.copyOf(infos);
    Set<Ledger.Archive> undeleted = services.ledger().undeleted().keySet();
    List<ArchiveInfo> back =
        all.stream().filter(info -> undeleted.contains(archive(info.root()))).toList();
    List<ArchiveInfo> from = back.isEmpty() || random.nextBoolean() ? all : back;
    return from.isEmpty() ? Optional.empty() : Optional.of(from.get(random.nextInt(from.size())));
  }

  private Complaints complaints(SimServer server) {
    return new Complaints(services.ledger(), key.machineId(), services.known(server, model));
  }

  /// Of an archive that cannot be read the root was not given, or the block with its keys; or it
  /// was freed behind the record that was known.
  private void checkUnreadable(ArchiveList list, Overheard heard, long known) throws Violation {
    List<Ledger.Block> missed = heard.missed().stream().map(Overheard.Missed::block).toList();
    for (UnreadableArchive each : list.unreadable()) {
      Ledger.Block root = new Ledger.Block(key.machineId(), BlockClass.ROOT, each.root());
      Optional<Ledger.Block> run = services.ledger().run(root);
      boolean isFreed = run.isEmpty() && services.ledger().blocks().wasFreedBehind(root, known);
      boolean isMissed = missed.contains(root) || run.filter(missed::contains).isPresent();
      if (!isFreed && !isMissed) {
        throw new Violation("an archive that was given cannot be read: " + each);
      }
    }
  }

  private Model.Known known() throws Violation {
    return model.known(services.ledger(), key.machineId());
  }

  private Ledger.Archive archive(BlockName root) {
    return new Ledger.Archive(key.machineId(), root);
  }

  /// A listing that this client takes for true, which has seen some before.
  private ArchiveList believed(Catalog catalog) throws HoldfastException, Violation {
    Optional<SeenArchive> seen = SeenArchive.read(cache);
    ArchiveList list = catalog.list(seen);
    if (seen.isPresent()
        && list.unreadable().isEmpty()
        && list.archives().stream().noneMatch(info -> info.root().equals(seen.get().root()))
        && !services.ledger().deleted().containsKey(archive(seen.get().root()))) {
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

  /// Asks for a block that only its transaction may have, or that is deleted, if there is one: it
  /// must be missing.
  private void peek(Session session, SimServer server) throws HoldfastException, Violation {
    long known = services.known(server, model);
    Optional<Ledger.Block> hidden =
        services
            .ledger()
            .blocks()
            .hidden(key.machineId(), random.nextInt(Integer.MAX_VALUE), known);
    if (hidden.isEmpty()) {
      return;
    }
    boolean wasDeleted = services.ledger().blocks().isDeleted(hidden.get(), known);
    Optional<ByteBuffer> given = fetch(session, hidden.get());
    boolean mayBeGiven =
        services.ledger().blocks().isVisible(hidden.get())
            || (wasDeleted && !services.ledger().blocks().isDeleted(hidden.get(), known));
    if (given.isPresent() && !mayBeGiven) {
      throw new Violation(
          "a block of %s is given away: %s"
              .formatted(wasDeleted ? "a deletion" : "an open transaction", hidden.get()));
    }
    process.note(given.isPresent() ? "was given what is committed by now" : "was given nothing");
  }

  /// Asks for a block that everybody may have: it is what was stored.
  private void take(Session session, SimServer server) throws HoldfastException, Violation {
    Optional<Ledger.Block> some =
        services.ledger().blocks().visible(key.machineId(), random.nextInt(Integer.MAX_VALUE));
    if (some.isEmpty() || !services.isOwner(server)) {
      return;
    }
    long known = services.known(server, model);
    long askedNanos = services.loop().nowNanos();
    Set<DamagedCopy> damaged = new HashSet<>(server.damagedCopies(key.machineId()));
    Optional<ByteBuffer> given = fetch(session, some.get());
    damaged.addAll(server.damagedCopies(key.machineId()));
    if (given.isEmpty()
        && services.ledger().blocks().isShown(some.get(), known)
        && services.isOwner(server)
        && !server.mayMiss(new Overheard.Missed(some.get(), askedNanos, known))) {
      throw new Violation("a block is not given that is in the bucket: " + some.get());
    }
    if (given.isPresent()
        && !services
            .ledger()
            .blocks()
            .is(
                some.get(),
                given.get(),
                known,
                copy ->
                    (Reliance.isDamaged(copy, damaged) && server.wasWrong(copy))
                        || server.mayNotRead(copy, askedNanos))) {
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

  /// Lists, compares with the model, and restores every archive.
  void lookAtAll(SimServer server)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    Overheard heard = services.overhear(server, process, model);
    try (Session session = Session.open(heard, process.clock(), process.spawner(), "simulated");
        Catalog catalog = Catalog.open(session, key)) {
      Complaints complaints = complaints(server);
      ArchiveList list = believed(catalog);
      checkCommitted(list);
      for (var each : model.check(list, known(), complaints).entrySet()) {
        restore(catalog, each.getKey(), each.getValue(), heard, complaints.known(), server);
      }
      if (!heard.missed().isEmpty()) {
        throw new Violation("in fair weather blocks are not given: " + heard.missed());
      }
      peek(session, server);
      take(session, server);
    }
  }

  /// `known` is the record up to which the log was known before it was listed.
  private void restore(
      Catalog catalog,
      ArchiveInfo info,
      SourceTree original,
      Overheard heard,
      long known,
      SimServer server)
      throws HoldfastException, FileAccessException, Violation, InterruptedException {
    int missedBefore = heard.missed().size();
    heard.wanted();
    long changed = services.ledger().changed(archive(info.root()));
    MemoryTree target = new MemoryTree();
    RestoreOptions options = RestoreOptions.of(ArchivePath.of(HOME), List.of());
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
    checkReliance(info, heard.wanted());
    if (services.ledger().changed(archive(info.root())) != changed) {
      process.note("has restored " + info.name() + " while it was deleted or brought back");
      return;
    }
    List<Overheard.Missed> missed = heard.missed().subList(missedBefore, heard.missed().size());
    if (changed <= known) {
      // It was there all the time, so that no deletion excuses what it lacks.
      for (Overheard.Missed each : missed) {
        if (!server.mayNotRead(each)) {
          throw new Violation("an archive that is shown lacks what was deleted: " + each);
        }
      }
    }
    if (!summary.isComplete() && missed.isEmpty()) {
      throw new Violation("archive " + info.name() + " is not whole: " + summary.failed());
    }
    Comparison comparison =
        new TreeComparer(process.spawner(), new TreeComparer.Options(true, false, 1, 100))
            .compare(original, target);
    if (!comparison.isEqual()
        && (summary.isComplete() || !isHalf(comparison, original, summary.failed()))) {
      throw new Violation(
          "archive %s differs: %s, and what failed is %s"
              .formatted(info.name(), comparison.differences(), summary.failed()));
    }
    process.note(
        (summary.isComplete() ? "has restored " : "has restored a part of ") + info.name());
  }

  /// What was asked for to restore an archive is what it needs.
  private void checkReliance(ArchiveInfo info, Set<Ledger.Block> needed) throws Violation {
    for (Ledger.Block lost : model.mustNotNeed(info.root())) {
      if (needed.contains(lost)) {
        throw new Violation(
            "archive %s relies on what was known to be damaged: %s".formatted(info.name(), lost));
      }
    }
  }

  /// Whether all that differs was said to have failed, and nothing else was: by its own path, or as
  /// one of so many entries from a path on, in the archive's order.
  private static boolean isHalf(
      Comparison comparison, SourceTree original, List<FailedEntry> failed) {
    // The folder above the one that is backed up is an entry too.
    List<String> entries = new ArrayList<>(List.of(""));
    entries.addAll(SimTree.paths(original));
    Set<String> lost = new HashSet<>();
    for (FailedEntry each : failed) {
      int from = entries.indexOf(new String(each.path().toArray(), StandardCharsets.US_ASCII));
      long to = from + Math.max(1, each.entries());
      if (from < 0 || to > entries.size()) {
        return false;
      }
      lost.addAll(entries.subList(from, (int) to));
    }
    Set<String> differing =
        comparison.differences().stream().map(SimReader::path).collect(Collectors.toSet());
    return lost.containsAll(differing);
  }

  /// The path in the archive that a line of a comparison is about.
  private static String path(String line) {
    String path = line.substring(0, line.indexOf(": "));
    return path.equals(".") ? SimTree.NAME : SimTree.NAME + "/" + path;
  }
}
