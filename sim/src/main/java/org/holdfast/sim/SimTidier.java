package org.holdfast.sim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.holdfast.client.tidy.Deletion;
import org.holdfast.client.tidy.TidyArchive;
import org.holdfast.client.tidy.TidyCatalog;
import org.holdfast.client.tidy.TidyList;
import org.holdfast.client.tidy.TidyProgress;
import org.holdfast.client.tidy.Undeletion;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Session;
import org.holdfast.seal.KeyFile;

/// One time that a client deletes some of its archives, or brings some back, with what ships. What
/// is acknowledged is in the bucket by then.
final class SimTidier {
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

  void run(SimServer server) throws HoldfastException, IOException, Violation {
    try (Session session = services.open(server, process);
        TidyCatalog catalog = TidyCatalog.open(session, key)) {
      if (random.nextInt(3) > 0) {
        delete(session, catalog);
      } else {
        bringBack(session);
      }
    }
  }

  private void delete(Session session, TidyCatalog catalog)
      throws HoldfastException, IOException, Violation {
    Deletion.Freed freed =
        new Deletion(session, key.machineId(), catalog, cache, process.random(), new TidyProgress())
            .run(this::choose, random.nextBoolean());
    for (BlockName each : freed.archives()) {
      acknowledge(each, services.ledger().deleted(), "deleted");
    }
    process.note("has deleted " + freed.archives().size() + " archives");
  }

  private Deletion.Chosen choose(TidyList list) {
    List<TidyArchive> all = list.archives();
    int sure = random.nextInt(Math.max(1, all.size()));
    List<TidyArchive> chosen =
        IntStream.range(0, all.size())
            .filter(i -> i == sure || random.nextInt(3) == 0)
            .mapToObj(all::get)
            .toList();
    chosen.forEach(each -> model.mayDelete(each.root()));
    return Deletion.Chosen.of(chosen);
  }

  private void bringBack(Session session) throws HoldfastException, IOException, Violation {
    Undeletion undeletion = new Undeletion(session, key.machineId(), cache);
    List<Undeletion.Deleted> all = undeletion.list();
    if (all.isEmpty()) {
      return;
    }
    Undeletion.Deleted some = all.get(random.nextInt(all.size()));
    undeletion.undo(all.subList(all.indexOf(some), all.size()));
    for (var each : some.archives()) {
      acknowledge(each.archive().root(), services.ledger().undeleted(), "brought back");
    }
    process.note("has brought back " + some.archives().size() + " archives");
  }

  private void acknowledge(BlockName root, Map<Ledger.Archive, Long> records, String what)
      throws Violation {
    Long record = records.get(new Ledger.Archive(key.machineId(), root));
    if (record == null) {
      throw new Violation(
          "it is acknowledged that " + root + " is " + what + ": not in the bucket");
    }
    model.acknowledge(record);
  }
}
