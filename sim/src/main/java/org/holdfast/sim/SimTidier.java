package org.holdfast.sim;

import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.Nuke;
import org.holdfast.client.tidy.RetentionPolicy;
import org.holdfast.client.tidy.RetentionPolicy.Judged;
import org.holdfast.client.tidy.RetentionPolicy.Rule;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.client.tidy.TimeSpan;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.core.BlockName;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;

/// One time that a client deletes some of its archives, by rules or one by one, or everything, or
/// brings some back, with what ships. What is acknowledged is in the bucket by then.
final class SimTidier {
  private static final int NUKES_SHARE = 16;

  /// By the server's time of the commit.
  private static final Comparator<TidyArchive> AGE =
      Comparator.comparingLong(TidyArchive::committedMillis)
          .thenComparingLong(TidyArchive::sequence);

  private final KeyFile key;
  private final Model model;
  private final Services services;
  private final SplittableRandom random;
  private final SimProcess process;
  private final Path cache;

  SimTidier(
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

  /// Answers whether something was brought back.
  boolean run(SimServer server) throws HoldfastException, IOException, Violation {
    Overheard heard = services.overhear(server, process, model);
    long known = services.known(server, model);
    try (Session session = Session.open(heard, process.clock(), process.spawner(), "simulated")) {
      if (random.nextInt(NUKES_SHARE) == 0) {
        nuke(session, server);
        return false;
      }
      try (TidyCatalog catalog = TidyCatalog.open(session, key)) {
        if (random.nextInt(3) == 0) {
          return bringBack(session, server);
        }
        delete(session, catalog, server);
        return false;
      }
    } catch (CorruptException e) {
      server.checkMissed(heard);
      boolean isExplained = !heard.missed().isEmpty() || isOfDeletion(e, known);
      if (!isExplained && services.isOwner(server)) {
        throw new Violation(process.name() + " is told of damage when it tidies up", e);
      }
      throw e;
    } catch (Refusal e) {
      throw e.violation;
    }
  }

  /// Whether the archive that this machine relies on was deleted from elsewhere, or what is
  /// complained of is so.
  private boolean isOfDeletion(CorruptException e, long known) throws HoldfastException, Violation {
    Optional<SeenArchive> seen = SeenArchive.read(cache);
    String warning = String.valueOf(e.getMessage()).replaceAll("; nothing was deleted now, .*", "");
    return (seen.isPresent() && services.ledger().deleted().containsKey(archive(seen.get().left())))
        || new Complaints(services.ledger(), key.machineId(), known).isOfDeletion(warning);
  }

  private Ledger.Archive archive(BlockName root) {
    return new Ledger.Archive(key.machineId(), root);
  }

  private void delete(Session session, TidyCatalog catalog, SimServer server)
      throws HoldfastException, IOException, Violation {
    long before = services.ledger().last();
    Complaints complaints =
        new Complaints(services.ledger(), key.machineId(), services.known(server, model));
    Deletion.Choice choice = random.nextInt(3) == 0 ? this::chooseByRules : this::choose;
    Deletion.Freed freed =
        new Deletion(session, key.machineId(), catalog, cache, process.random(), new TidyProgress())
            .run(list -> chosen(choice, list, complaints), random.nextBoolean());
    for (BlockName each : freed.archives()) {
      acknowledge(each, services.ledger().deleted(), before, "deleted", server);
    }
    process.note("has deleted " + freed.archives().size() + " archives");
  }

  private Deletion.Chosen chosen(Deletion.Choice choice, TidyList list, Complaints complaints)
      throws HoldfastException {
    try {
      complaints.check(list.warnings(), list.holes(), list.unreadable().size());
      checkTimes(list);
      Deletion.Chosen chosen = choice.choose(list);
      chosen.archives().forEach(each -> model.mayDelete(each.root()));
      return chosen;
    } catch (Violation e) {
      throw new Refusal(e);
    }
  }

  /// What retention counts with is the server's time of the commit.
  private void checkTimes(TidyList list) throws Violation {
    for (TidyArchive each : list.archives()) {
      if (each.committedMillis() != services.ledger().committedMillis(archive(each.root()))) {
        throw new Violation("an archive was not committed when it is said to have been: " + each);
      }
    }
  }

  private Deletion.Chosen choose(TidyList list) {
    List<TidyArchive> all = list.archives();
    int sure = random.nextInt(Math.max(1, all.size()));
    return Deletion.Chosen.of(
        IntStream.range(0, all.size())
            .filter(i -> i == sure || random.nextInt(3) == 0)
            .mapToObj(all::get)
            .toList());
  }

  /// What some policy does not keep. It keeps the newest of each group, and what it keeps it keeps
  /// when it is asked again.
  private Deletion.Chosen chooseByRules(TidyList list) throws HoldfastException {
    RetentionPolicy policy = policy();
    policy.check();
    List<Judged> judged = policy.judge(list.archives());
    List<TidyArchive> kept = judged.stream().filter(Judged::isKept).map(Judged::archive).toList();
    Map<String, TidyArchive> newest = new TreeMap<>();
    for (TidyArchive each : list.archives()) {
      newest.merge(policy.group(each), each, BinaryOperator.maxBy(AGE));
    }
    if (!kept.containsAll(newest.values())
        || !policy.judge(kept).stream().allMatch(Judged::isKept)) {
      throw new Refusal(new Violation("a policy keeps too little: " + policy + " of " + judged));
    }
    Set<TidyArchive> gone = new HashSet<>(list.archives());
    kept.forEach(gone::remove);
    process.note("keeps " + kept.size() + " archives by rules");
    return Deletion.Chosen.of(list.archives().stream().filter(gone::contains).toList());
  }

  /// With one rule that counts at least.
  private RetentionPolicy policy() {
    Map<Rule, Integer> keep = new EnumMap<>(Rule.class);
    Rule[] rules = Rule.values();
    for (int i = random.nextInt(3); i >= 0; i--) {
      keep.put(rules[random.nextInt(rules.length)], 1 + random.nextInt(3));
    }
    return new RetentionPolicy(
        keep,
        random.nextInt(4) == 0 ? new TimeSpan(0, 0, 0, 0, 1) : null,
        random.nextInt(4) == 0 ? Set.of(SimClient.TAGS.getFirst()) : Set.of(),
        random.nextBoolean(),
        ZoneOffset.UTC);
  }

  private void nuke(Session session, SimServer server)
      throws HoldfastException, IOException, Violation {
    Ledger ledger = services.ledger();
    long before = ledger.last();
    List<BlockName> shown = shown();
    model.mayDeleteAll();
    new Nuke(session, key, cache, process.random()).run();
    model.hasDeletedAll(ledger, key.machineId());
    Optional<Ledger.Block> left = ledger.blocks().someShown(key.machineId(), before);
    if (left.isPresent()) {
      throw new Violation("it is acknowledged that everything is deleted: there is " + left.get());
    }
    for (BlockName root : shown) {
      acknowledge(root, ledger.deleted(), before, "deleted", server);
    }
    process.note("has deleted everything");
  }

  /// The machine's archives that whoever owns the log shows.
  private List<BlockName> shown() throws Violation {
    Ledger ledger = services.ledger();
    Blocks blocks = ledger.blocks();
    return ledger.archives().stream()
        .filter(each -> each.machine().equals(key.machineId()) && blocks.isVisible(each.block()))
        .map(Ledger.Archive::root)
        .sorted()
        .toList();
  }

  private boolean bringBack(Session session, SimServer server)
      throws HoldfastException, IOException, Violation {
    Undeletion undeletion = new Undeletion(session, key.machineId(), cache);
    List<Undeletion.Deleted> all = undeletion.list();
    if (all.isEmpty()) {
      return false;
    }
    Undeletion.Deleted some = all.get(random.nextInt(all.size()));
    undeletion.undo(all.subList(all.indexOf(some), all.size()));
    for (var each : some.archives()) {
      // Another may have done it before.
      acknowledge(each.archive().root(), services.ledger().undeleted(), 0, "brought back", server);
    }
    process.note("has brought back " + some.archives().size() + " archives");
    return true;
  }

  /// Something has happened to an archive, by a record behind another.
  private void acknowledge(
      BlockName root, Map<Ledger.Archive, Long> records, long before, String what, SimServer server)
      throws Violation {
    Long record = records.get(archive(root));
    if (record == null || record <= before) {
      throw new Violation(
          "it is acknowledged that " + root + " is " + what + ": not in the bucket");
    }
    // What came later, somebody else knows who does not know yet that it counts.
    if (services.isOwner(server) || record <= services.ledger().lastBefore(server.epoch() + 1)) {
      model.acknowledge(record);
    }
  }

  /// A promise that was found broken in the middle of the client's work.
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Violation violation;

    Refusal(Violation violation) {
      super(violation);
      this.violation = violation;
    }
  }
}
