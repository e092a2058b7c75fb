package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockClass;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;
import org.holdfast.sim.Ledger.Block;
import org.holdfast.sim.Ledger.Stored;

/// The blocks of a [Ledger] with their copies: which of them may be seen, which must be, and which
/// nobody will see again.
///
/// Who answers knows the log up to some record at least, and at most what is there. What it says is
/// judged by all that held at a moment since that record: `known`.
final class Blocks {
  private final Deletions deletions;
  private final Map<Block, List<Stored>> copies = new LinkedHashMap<>();
  private final Map<Block, List<Stored>> places = new HashMap<>();
  private final Set<Long> freedCopies = new HashSet<>();
  private final Set<Long> doubted = new HashSet<>();
  private final Map<Block, Long> freedLast = new HashMap<>();
  private final Map<Long, Long> keptUpTo = new HashMap<>();
  private final Map<Long, Long> keptSince = new HashMap<>();
  private final Map<MachineId, Long> writing = new HashMap<>();

  Blocks(Deletions deletions) {
    this.deletions = deletions;
  }

  void stored(Block block, Stored stored) {
    copies.computeIfAbsent(block, _ -> new ArrayList<>()).add(stored);
    places.computeIfAbsent(block, _ -> new ArrayList<>()).add(stored);
  }

  /// A copy beside one that its owner took for damaged: either may be given from here on.
  void storedAgain(Block block, Stored stored, long damaged) throws Violation {
    Optional<Stored> copy = copy(block, damaged);
    boolean isThere =
        copy.isPresent()
            && !deletions.isHidden(damaged)
            && (isKept(copy.get()) || copy.get().begun() == stored.begun());
    if (!isThere) {
      throw new Violation("a block is stored again that nobody sees: " + block + " " + damaged);
    }
    doubted.add(damaged);
    stored(block, stored);
  }

  void begun(MachineId machine, long number) {
    abandon(machine);
    writing.put(machine, number);
  }

  /// What a transaction has stored so far is kept from here on.
  void checkpoint(long begun, long number) {
    keptUpTo.put(begun, number);
    keptSince.put(begun, number);
  }

  void committed(MachineId machine, long begun, long number) {
    keptUpTo.put(begun, Long.MAX_VALUE);
    keptSince.put(begun, number);
    writing.remove(machine);
  }

  /// A write transaction that is open ends without what it has stored since its last checkpoint.
  void abandon(MachineId machine) {
    Long begun = writing.remove(machine);
    if (begun != null) {
      deletions.abandoned(begun);
    }
  }

  /// A copy lies elsewhere from here on, and is otherwise what it was.
  void moved(Block block, Stored to, long deletion) throws Violation {
    List<Stored> all = copies.getOrDefault(block, new ArrayList<>());
    for (int i = 0; i < all.size(); i++) {
      Stored copy = all.get(i);
      if (copy.record() == to.record()) {
        if (!copy.at(to).equals(to) || deletion(copy) != deletion) {
          throw new Violation("a copy is moved that is another: " + copy + ", " + to);
        }
        all.set(i, to);
        places.computeIfAbsent(block, _ -> new ArrayList<>()).add(to);
        return;
      }
    }
    throw new Violation("a copy is moved that is not there: " + block + " " + to);
  }

  /// A deletion takes what may be seen of a block, or this is said again.
  void deleted(LogRecord.CopyDeleted deleted) throws Violation {
    Block block = new Block(deleted.machine(), deleted.kind(), deleted.name());
    Optional<Stored> copy = copy(block, deleted.stored());
    boolean isSo =
        deleted.again()
            ? copy.isPresent() && deletion(copy.get()) == deleted.begun()
            : copy.isPresent() && isVisible(copy.get());
    if (!isSo) {
      throw new Violation("a copy is deleted that nobody sees: " + block + " " + copy);
    }
    deletions.take(deleted.stored(), deleted.begun());
  }

  private Optional<Stored> copy(Block block, long record) {
    return of(block).stream().filter(each -> each.record() == record).findFirst();
  }

  /// Or this is said again.
  void freed(LogRecord.CopyFreed freed, long number) throws Violation {
    Block block = new Block(freed.machine(), freed.kind(), freed.name());
    if (freedCopies.contains(freed.stored())) {
      return;
    }
    freedCopies.add(freed.stored());
    List<Stored> all = copies.getOrDefault(block, new ArrayList<>());
    Optional<Stored> copy = copy(block, freed.stored());
    if (copy.isEmpty() || !isGarbage(block.machine(), copy.get())) {
      throw new Violation("a copy is freed that somebody may want: " + block + " " + copy);
    }
    all.remove(copy.get());
    freedLast.put(block, number);
    if (all.isEmpty()) {
      copies.remove(block);
    }
  }

  /// Nothing that was to be freed of a transaction is left.
  void cleared(long begun) throws Violation {
    deletions.cleared(begun);
    if (deletions.isUndone(begun)) {
      // Nothing of it is to be freed: it is forgotten.
      return;
    }
    for (List<Stored> all : copies.values()) {
      for (Stored copy : all) {
        if ((copy.begun() == begun && !isKept(copy)) || deletion(copy) == begun) {
          throw new Violation("a transaction is cleared, and not all of it is freed: " + copy);
        }
      }
    }
  }

  /// All blocks with their copies, the oldest first.
  Map<Block, List<Stored>> copies() {
    return copies;
  }

  private List<Stored> of(Block block) {
    return copies.getOrDefault(block, List.of());
  }

  /// A block's newest copy; empty if there is none any more.
  Optional<Stored> newest(Block block) {
    List<Stored> all = of(block);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /// Wherever a block was ever stored, the first one first: a server that was replaced may know an
  /// older place.
  List<Stored> places(Block block) {
    return places.getOrDefault(block, List.of());
  }

  /// The beginning of the deletion that has named a copy last; 0 if there is none.
  long deletion(Stored copy) {
    return deletions.of(copy.record());
  }

  /// Whether everybody may read a block: one of its copies is kept, and not deleted.
  boolean isVisible(Block block) {
    return of(block).stream().anyMatch(this::isVisible);
  }

  private boolean isVisible(Stored copy) {
    return isKept(copy) && !deletions.isHidden(copy.record());
  }

  private boolean isKept(Stored copy) {
    return copy.record() <= keptUpTo.getOrDefault(copy.begun(), 0L);
  }

  /// Since which record a copy that can be seen is shown.
  private long shownSince(Stored copy) {
    return Math.max(keptSince.getOrDefault(copy.begun(), 0L), deletions.shownAgain(copy.record()));
  }

  /// Whether a copy was to be seen at every moment since.
  boolean isShown(Block block, long known) {
    return of(block).stream().anyMatch(copy -> isVisible(copy) && shownSince(copy) <= known);
  }

  /// The copies that were to be seen at every moment since, by their records.
  List<Long> shown(Block block, long known) {
    return of(block).stream()
        .filter(copy -> isVisible(copy) && shownSince(copy) <= known)
        .map(Stored::record)
        .toList();
  }

  /// The machine's blocks that can be seen, with the copies of each that can.
  Map<Block, List<Stored>> visible(MachineId machine) {
    Map<Block, List<Stored>> found = new HashMap<>();
    copies.forEach((block, all) -> {
      List<Stored> seen = all.stream().filter(this::isVisible).toList();
      if (block.machine().equals(machine) && !seen.isEmpty()) {
        found.put(block, seen);
      }
    });
    return found;
  }

  /// A block of the machine of which some copy was to be seen at every moment since, if there is
  /// one.
  Optional<Block> someShown(MachineId machine, long known) {
    return copies.keySet().stream()
        .filter(block -> block.machine().equals(machine) && isShown(block, known))
        .findFirst();
  }

  /// Whether no copy was to be seen at some moment since, because of a deletion.
  boolean mayBeHidden(Block block, long known) {
    return wasNamed(block) && !isShown(block, known);
  }

  /// Whether no copy was to be seen at any moment since, and a deletion has hidden them.
  boolean isDeleted(Block block, long known) {
    List<Stored> kept = of(block).stream().filter(this::isKept).toList();
    return !kept.isEmpty()
        && freedLast.getOrDefault(block, 0L) <= known
        && kept.stream()
            .allMatch(copy ->
                deletions.isHidden(copy.record()) && deletions.hiddenSince(copy.record()) <= known);
  }

  /// Whether there is nothing of a block, or nothing that can be brought back.
  boolean isGone(Block block) {
    return of(block).stream().allMatch(copy -> deletions.isOver(copy.record()));
  }

  /// Whether a copy of a block was freed behind a record.
  boolean wasFreedBehind(Block block, long known) {
    return freedLast.getOrDefault(block, 0L) > known;
  }

  private boolean wasNamed(Block block) {
    return places(block).stream().anyMatch(copy -> deletion(copy) > 0);
  }

  /// Whether these bytes are those of the copy that is to be given at some moment since: the oldest
  /// one that can be seen, and read. `mayNotRead` tells of a copy whether it may not be.
  boolean is(Block block, ByteBuffer bytes, long known, Predicate<Stored> mayNotRead) {
    int crc = crc(bytes);
    Map<Long, Stored> byRecord = new TreeMap<>();
    places(block).forEach(copy -> byRecord.put(copy.record(), copy));
    for (Stored copy : byRecord.values()) {
      boolean isThere = copy(block, copy.record()).isPresent();
      boolean isHidden = isThere && deletions.isHidden(copy.record());
      boolean wasSeen = !isHidden || deletions.hiddenSince(copy.record()) > known;
      if (isKept(copy) && wasSeen && copy.crc() == crc) {
        return true;
      }
      // No later one can have been given.
      if (isThere
          && !doubted.contains(copy.record())
          && !mayNotRead.test(copy)
          && isVisible(copy)
          && shownSince(copy) <= known) {
        return false;
      }
    }
    return false;
  }

  private static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /// A block that is there and nobody else must be given, if there is one: it is not kept yet, or
  /// was deleted; the `nth` of them, counted round.
  Optional<Block> hidden(MachineId machine, int nth, long known) {
    List<Block> found = new ArrayList<>();
    copies.forEach((block, all) -> {
      boolean isKept = all.stream().anyMatch(this::isKept);
      if (block.machine().equals(machine) && (!isKept || isDeleted(block, known))) {
        found.add(block);
      }
    });
    return some(found, nth);
  }

  /// A block that everybody may be given who may read the machine, if there is one; rather one that
  /// a deletion has named, or that there are several copies of.
  Optional<Block> visible(MachineId machine, int nth) {
    List<Block> found = new ArrayList<>();
    List<Block> named = new ArrayList<>();
    copies.forEach((block, all) -> {
      if (block.machine().equals(machine) && isVisible(block)) {
        found.add(block);
        if (wasNamed(block)) {
          named.add(block);
        }
      }
    });
    return some(nth % 2 == 0 && !named.isEmpty() ? named : found, nth / 2);
  }

  /// A copy that can be seen, if there is one; the keys of runs only if `isKeysToo`.
  Optional<Stored> someVisible(int nth, boolean isKeysToo) {
    List<Stored> found = new ArrayList<>();
    copies.forEach((block, all) -> {
      if (isKeysToo || block.kind() != BlockClass.RUN) {
        all.stream().filter(this::isVisible).forEach(found::add);
      }
    });
    return some(found, nth);
  }

  private static <T> Optional<T> some(List<T> found, int nth) {
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(nth % found.size()));
  }

  /// Copies that nobody will see again, and that are not freed yet.
  long garbage() {
    return copies.entrySet().stream()
        .mapToLong(each ->
            each.getValue().stream()
                .filter(copy -> isGarbage(each.getKey().machine(), copy))
                .count())
        .sum();
  }

  /// Whether nobody will see a copy again: its transaction has ended without it, or its deletion
  /// cannot be undone any more.
  private boolean isGarbage(MachineId machine, Stored copy) {
    boolean isDropped = !isKept(copy) && copy.begun() != writing.getOrDefault(machine, 0L);
    return isDropped || deletions.isOver(copy.record());
  }
}
