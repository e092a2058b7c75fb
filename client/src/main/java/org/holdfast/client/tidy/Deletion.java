package org.holdfast.client.tidy;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.holdfast.client.archive.CacheLock;
import org.holdfast.client.archive.Root;
import org.holdfast.client.archive.SeenArchive;
import org.holdfast.client.catalog.UnreadableArchive;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.holdfast.protocol.Message;
import org.holdfast.protocol.Session;
import org.holdfast.protocol.TransactionKind;
import org.jspecify.annotations.Nullable;

/// Deletes archives: counts what they share with others, and has the server hide the rest.
///
/// - What is there is counted before the delete transaction begins, and once it has begun nobody
///   can commit anything without ending it. If the list of archives is another one by then, or when
///   all blocks are named, nothing is deleted.
/// - Nothing is hidden before the commit, and then all of it at once: so the order in which blocks
///   are named does not matter. A deletion that is cut off before has no effect; to repeat it
///   begins it anew, and the server forgets the old one.
/// - An archive that cannot be read, or not all of it, is only deleted as one that is given up:
///   then all others are counted, and of its own blocks those go that are known and that no other
///   uses. As long as one stays that cannot be read, nothing can be deleted.
/// - Runs' keys are never deleted here: other archives may share blocks of the same run.
///
/// One thread.
public final class Deletion {
  private final Session session;
  private final MachineId machine;
  private final TidyCatalog catalog;
  private final Path folder;
  private final SecureRandom random;
  private final TidyProgress progress;
  private final SentCommit commit;

  /// `folder` is this machine's part of the cache.
  public Deletion(
      Session session,
      MachineId machine,
      TidyCatalog catalog,
      Path folder,
      SecureRandom random,
      TidyProgress progress) {
    this.session = session;
    this.machine = machine;
    this.catalog = catalog;
    this.folder = folder;
    this.random = random;
    this.progress = progress;
    this.commit = new SentCommit(session, machine);
  }

  /// What deleting the chosen archives would come to.
  public Freed plan(Choice choice) throws HoldfastException, IOException {
    try (CacheLock _ = CacheLock.take(folder)) {
      Optional<SeenArchive> seen = SeenArchive.read(folder);
      Message.StateReply state = session.state(machine);
      TidyList list = catalog.list(seen);
      list.checkTrusted();
      Chosen chosen = choice.choose(list);
      Tally tally = new Tally(null);
      if (!chosen.isEmpty()) {
        remove(counts(list, chosen), chosen, tally);
      }
      return tally.freed(list, chosen, state, 0);
    }
  }

  /// Deletes the chosen archives. `overOpenBackup`: also if that ends a backup that is not
  /// finished.
  public Freed run(Choice choice, boolean overOpenBackup) throws HoldfastException, IOException {
    try (CacheLock _ = CacheLock.take(folder)) {
      Optional<SeenArchive> seen = SeenArchive.read(folder);
      Message.StateReply state = session.state(machine);
      if (!overOpenBackup) {
        checkNoBackup(state);
      }
      TidyList list = catalog.list(seen);
      list.checkTrusted();
      Chosen chosen = choice.choose(list);
      if (chosen.isEmpty()) {
        return new Tally(null).freed(list, chosen, state, 0);
      }
      BlockCounts counts = counts(list, chosen);
      TransactionId transaction = TransactionId.random(random);
      if (!overOpenBackup) {
        checkNoBackup(session.state(machine));
      }
      session.beginDelete(machine, transaction, state.committed(), overOpenBackup);
      Freed freed;
      try {
        checkSame(list);
        Tally tally = new Tally(transaction);
        remove(counts, chosen, tally);
        tally.flush();
        checkSame(list);
        freed = tally.freed(list, chosen, state, commit.send(transaction));
      } catch (HoldfastException | RuntimeException e) {
        cancel(transaction);
        throw e;
      }
      remember(list, chosen, seen);
      new CountsFile(folder, machine).write(counts);
      return freed;
    }
  }

  /// Whether a deletion that has failed was carried out all the same; empty if nobody can tell.
  public Optional<Boolean> wasDone() {
    return commit.wasDone();
  }

  private static void checkNoBackup(Message.StateReply state) throws ConflictException {
    Message.OpenTransaction open = state.open();
    if (open != null && open.kind() == TransactionKind.WRITE) {
      throw new ConflictException(
          "a backup of this machine is at work, or was cut off: wait for it, or run it again to"
              + " finish it; with --end-backup it is ended, and what it has sent is dropped");
    }
  }

  /// The counts of all archives of the list, but of those that are given up; kept for the next
  /// time.
  private BlockCounts counts(TidyList list, Chosen chosen) throws HoldfastException, IOException {
    list.checkComplete(chosen.lost);
    List<TidyArchive> counted = new ArrayList<>(list.archives());
    if (chosen.givesUp) {
      counted.removeAll(chosen.archives);
    }
    CountsFile file = new CountsFile(folder, machine);
    BlockCounts counts = file.read().filter(kept -> kept.fits(counted)).orElseGet(BlockCounts::new);
    if (counts.add(counted, catalog, progress)) {
      file.write(counts);
    }
    return counts;
  }

  private void remove(BlockCounts counts, Chosen chosen, Tally tally) throws HoldfastException {
    if (chosen.givesUp) {
      counts.giveUp(chosen.archives, catalog, progress, tally);
    } else {
      counts.remove(chosen.archives, catalog, progress, tally);
    }
    for (UnreadableArchive each : chosen.lost) {
      tally.block(BlockClass.ROOT, each.root());
    }
  }

  private void checkSame(TidyList list) throws HoldfastException {
    Set<BlockName> roots = new HashSet<>();
    session.archives(machine).forEach(each -> roots.add(each.root()));
    if (!roots.equals(list.roots())) {
      throw new ConflictException(
          "archives have come or gone meanwhile: nothing was deleted; run it again");
    }
  }

  /// The server forgets what is not committed when the next transaction begins, too.
  private void cancel(TransactionId transaction) {
    if (!commit.isSent()) {
      try {
        session.cancelDelete(machine, transaction);
      } catch (HoldfastException e) {
        // The failure that led here says more.
      }
    }
  }

  /// The archive that was seen last may be among those that are gone.
  private void remember(TidyList list, Chosen gone, Optional<SeenArchive> seen) throws IOException {
    if (seen.isEmpty()) {
      return;
    }
    boolean isGone = gone.roots().contains(seen.get().left());
    if (!isGone) {
      return;
    }
    Optional<TidyArchive> left =
        list.archives().stream()
            .filter(each -> !each.partial() && each.sequence() < seen.get().leftSequence())
            .filter(each -> !gone.archives.contains(each))
            .max(Comparator.comparingLong(TidyArchive::sequence));
    seen.get()
        .leaving(
            left.map(TidyArchive::sequence).orElse(0L),
            left.map(TidyArchive::root).orElse(Root.NO_ROOT))
        .write();
  }

  /// Chooses what to delete among what is there.
  public interface Choice {
    Chosen choose(TidyList list) throws HoldfastException;
  }

  /// What is to be deleted.
  ///
  /// @param lost archives whose roots cannot be read
  /// @param givesUp whether the others may be such that not all of their pages can be read
  public record Chosen(List<TidyArchive> archives, List<UnreadableArchive> lost, boolean givesUp) {
    public Chosen {
      archives = List.copyOf(archives);
      lost = List.copyOf(lost);
      Invariant.check(givesUp || lost.isEmpty(), "what cannot be read is given up");
    }

    /// Archives all of which can be read.
    public static Chosen of(Collection<TidyArchive> archives) {
      return new Chosen(List.copyOf(archives), List.of(), false);
    }

    public boolean isEmpty() {
      return archives.isEmpty() && lost.isEmpty();
    }

    /// The roots of all of them.
    public List<BlockName> roots() {
      return Stream.concat(
              archives.stream().map(TidyArchive::root), lost.stream().map(UnreadableArchive::root))
          .toList();
    }
  }

  /// What a deletion comes to.
  ///
  /// @param list what was there before
  /// @param archives by their roots
  /// @param bytes about how many: the mean of the machine's blocks for that many chunks, since
  ///   their lengths are not in what a tidy key can open
  /// @param untilMillis the server's time until which it can be undone; 0 if nothing was deleted
  public record Freed(
      TidyList list,
      List<BlockName> archives,
      long pages,
      long chunks,
      long bytes,
      long untilMillis) {
    public long blocks() {
      return archives.size() + pages + chunks;
    }

    /// How many archives are there afterwards.
    public int left() {
      return list.roots().size() - archives.size();
    }
  }

  /// Counts blocks, and names them to the server if there is a transaction.
  private final class Tally implements BlockCounts.Unused {
    private final @Nullable TransactionId transaction;
    private final Map<BlockClass, List<BlockName>> waiting = new EnumMap<>(BlockClass.class);
    private final Map<BlockClass, Long> counted = new EnumMap<>(BlockClass.class);

    Tally(@Nullable TransactionId transaction) {
      this.transaction = transaction;
    }

    @Override
    public void block(BlockClass blockClass, BlockName name) throws HoldfastException {
      counted.merge(blockClass, 1L, Long::sum);
      if (transaction == null) {
        return;
      }
      List<BlockName> names = waiting.computeIfAbsent(blockClass, _ -> new ArrayList<>());
      names.add(name);
      if (names.size() == Message.MAX_NAMES) {
        send(blockClass, names);
      }
    }

    void flush() throws HoldfastException {
      for (Map.Entry<BlockClass, List<BlockName>> each : waiting.entrySet()) {
        if (!each.getValue().isEmpty()) {
          send(each.getKey(), each.getValue());
        }
      }
    }

    Freed freed(TidyList list, Chosen chosen, Message.StateReply state, long untilMillis) {
      List<BlockName> archives = chosen.roots();
      long pages = counted.getOrDefault(BlockClass.PAGE, 0L);
      long chunks = counted.getOrDefault(BlockClass.CHUNK, 0L);
      double mean = state.blocks() == 0 ? 0 : (double) state.bytes() / state.blocks();
      // Roots and pages are small beside chunks, and would make a small archive seem large.
      long bytes = Math.round(mean * chunks);
      return new Freed(list, archives, pages, chunks, bytes, untilMillis);
    }

    private void send(BlockClass blockClass, List<BlockName> names) throws HoldfastException {
      if (transaction != null) {
        session.delete(machine, transaction, blockClass, names);
        progress.blocks(names.size());
      }
      names.clear();
    }
  }
}
