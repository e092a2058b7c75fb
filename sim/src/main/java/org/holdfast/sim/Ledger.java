package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.seal.RunId;
import org.jspecify.annotations.Nullable;

/// What the bucket's log says at this very moment, read by rules so simple that they can be
/// trusted: epochs one after the other, of each the segments in their order, up to its seal or the
/// first that is not there. It shares no code with the product but the parser of headers.
///
/// Its records are numbered from 1 on, each once and none left out. A copy of a block goes only
/// when nobody may see it again.
///
/// What counts once counts for good, so that reading goes on where it stopped.
final class Ledger {
  private static final int SHARD = 0;
  private static final int HEADER_LENGTH_AT = 12;
  private static final int RUN_AT = 7;

  private final SimStore store;
  private final Map<Block, List<Stored>> copies = new LinkedHashMap<>();
  private final Map<Block, List<Stored>> places = new HashMap<>();
  private final Map<Long, Long> deletedBy = new HashMap<>();
  private final Map<Long, Long> keptUpTo = new HashMap<>();
  private final Map<MachineId, Long> writing = new HashMap<>();
  private final NavigableMap<Long, Stage> deletions = new TreeMap<>();
  private final Map<Long, Long> until = new HashMap<>();
  private final Map<Long, MachineId> deleting = new HashMap<>();
  private final Set<Long> uncleared = new HashSet<>();
  private final Map<Archive, Long> committed = new HashMap<>();
  private final Map<Archive, Long> deleted = new HashMap<>();
  private final Map<Archive, Long> undeleted = new HashMap<>();
  private final Set<Archive> partial = new HashSet<>();
  private SegmentId next = SegmentId.first(SHARD, 1);
  private long nextRecord = 1;

  Ledger(SimStore store) {
    this.store = store;
  }

  /// The record that has committed an archive; 0 if it is not committed.
  long commit(MachineId machine, BlockName root) throws Violation {
    read();
    return committed.getOrDefault(new Archive(machine, root), 0L);
  }

  /// What the log says of a block's newest copy.
  Stored stored(Block block) throws Violation {
    read();
    return Objects.requireNonNull(copies.get(block)).getLast();
  }

  /// The block with the keys of the run that a root was made in, as the open beginning of its first
  /// part says: behind four bytes of length, a version, a class and a kind.
  Block run(Block root) throws Violation {
    byte[] bytes = Objects.requireNonNull(bytes(stored(root)));
    RunId run = new RunId(Bytes.copyOf(bytes, RUN_AT, RUN_AT + RunId.LENGTH));
    return new Block(root.machine, BlockClass.RUN, run.blockName());
  }

  /// Wherever a block was ever stored: a server that was replaced may know an older place.
  List<Stored> places(Block block) throws Violation {
    read();
    return places.getOrDefault(block, List.of());
  }

  /// Whether an archive may be shown: it is committed, or kept by a checkpoint.
  boolean isShown(MachineId machine, BlockName root) throws Violation {
    return commit(machine, root) > 0 || partial.contains(new Archive(machine, root));
  }

  /// Whether everybody may read a block: one of its copies is kept, and not deleted.
  boolean isVisible(Block block) throws Violation {
    read();
    return copies.getOrDefault(block, List.of()).stream().anyMatch(this::isVisible);
  }

  private boolean isVisible(Stored copy) {
    return isKept(copy) && !isHidden(copy);
  }

  private boolean isKept(Stored copy) {
    return copy.record <= keptUpTo.getOrDefault(copy.begun, 0L);
  }

  private boolean isHidden(Stored copy) {
    Stage stage = deletions.getOrDefault(deletion(copy), Stage.OPEN);
    return stage == Stage.COMMITTED || stage == Stage.EXPIRED;
  }

  /// The beginning of the deletion that a copy belongs to; 0 if there is none.
  long deletion(Stored copy) {
    return deletedBy.getOrDefault(copy.record, 0L);
  }

  /// All blocks with their copies, the oldest first.
  Map<Block, List<Stored>> copies() throws Violation {
    read();
    return copies;
  }

  /// All archives that were committed, and whose roots are not freed.
  Set<Archive> archives() throws Violation {
    read();
    return committed.keySet().stream()
        .filter(archive -> copies.containsKey(archive.block()))
        .collect(Collectors.toSet());
  }

  /// All archives that a deletion has hidden at any time, and the last record that did.
  Map<Archive, Long> deleted() throws Violation {
    read();
    return deleted;
  }

  /// All archives that were brought back at any time, and the last record that did.
  Map<Archive, Long> undeleted() throws Violation {
    read();
    return undeleted;
  }

  /// The last record that has changed whether an archive is shown; 0 if it was never committed.
  long changed(MachineId machine, BlockName root) throws Violation {
    read();
    Archive archive = new Archive(machine, root);
    return Math.max(
        committed.getOrDefault(archive, 0L),
        Math.max(deleted.getOrDefault(archive, 0L), undeleted.getOrDefault(archive, 0L)));
  }

  /// Whether no deletion has ever named one of the block's copies that are kept.
  boolean isUntouched(Block block) throws Violation {
    read();
    return copies.getOrDefault(block, List.of()).stream()
        .anyMatch(copy -> isKept(copy) && deletion(copy) == 0);
  }

  /// Whether an epoch is over.
  boolean isOver(int epoch) throws Violation {
    read();
    return next.epoch() > epoch;
  }

  private void read() throws Violation {
    for (byte[] object = store.whole(next.key());
        object != null;
        object = store.whole(next.key())) {
      SegmentHeader header = header(next, object);
      apply(header);
      next = header.seal() ? SegmentId.first(SHARD, next.epoch() + 1) : next.next();
    }
  }

  private static SegmentHeader header(SegmentId id, byte[] object) throws Violation {
    try {
      int length = ByteBuffer.wrap(object).getInt(HEADER_LENGTH_AT);
      return Segment.readHeader(
          Arrays.copyOf(object, length), SimServer.KEY, SimServer.SERVICE, id);
    } catch (CorruptException | RuntimeException e) {
      throw new Violation("what is in the bucket as " + id + " is no segment", e);
    }
  }

  private void apply(SegmentHeader header) throws Violation {
    for (LogEntry entry : header.entries()) {
      checkNumber(header, entry.number());
      switch (entry.item()) {
        case LogRecord.BlockStored r -> {
          Block block = new Block(r.machine(), r.kind(), r.name());
          Stored stored =
              new Stored(
                  entry.number(),
                  r.begun(),
                  r.length(),
                  r.crc(),
                  header.id(),
                  header.headerLength(),
                  (int) entry.dataOffset());
          List<Stored> all = copies.computeIfAbsent(block, _ -> new ArrayList<>());
          // What nobody has kept is gone.
          all.removeIf(copy -> !isKept(copy));
          all.add(stored);
          places.computeIfAbsent(block, _ -> new ArrayList<>()).add(stored);
        }
        case LogRecord.WriteBegun r -> {
          abandon(r.machine());
          writing.put(r.machine(), entry.number());
        }
        case LogRecord.Checkpoint r -> {
          keptUpTo.put(r.begun(), entry.number());
          partial.add(new Archive(r.machine(), r.root()));
        }
        case LogRecord.Committed r -> {
          keptUpTo.put(r.begun(), Long.MAX_VALUE);
          committed.put(new Archive(r.machine(), r.root()), entry.number());
          writing.remove(r.machine());
        }
        case LogRecord.Cancelled r -> {
          abandon(r.machine());
          deletions.remove(r.begun());
        }
        case LogRecord.DeleteBegun r -> {
          abandon(r.machine());
          deletions.put(entry.number(), Stage.OPEN);
          deleting.put(entry.number(), r.machine());
        }
        case LogRecord.BlockDeleted r ->
            copies.getOrDefault(new Block(r.machine(), r.kind(), r.name()), List.of()).stream()
                .filter(this::isVisible)
                .forEach(copy -> deletedBy.put(copy.record, r.begun()));
        case LogRecord.DeleteCommitted r -> {
          deletions.put(r.begun(), Stage.COMMITTED);
          until.put(r.begun(), r.untilMillis());
          note(r.begun(), entry.number(), deleted);
        }
        case LogRecord.DeleteUndone r -> {
          deletions.put(r.begun(), Stage.UNDONE);
          note(r.begun(), entry.number(), undeleted);
        }
        case LogRecord.DeleteExpired r -> expired(r);
        case LogRecord.BlockFreed r -> freed(r);
        case LogRecord.TransactionCleared r -> checkCleared(r.begun());
        case LogRecord _ -> {}
      }
    }
  }

  /// The archives of a deletion are hidden, or shown again, from this record on.
  private void note(long begun, long record, Map<Archive, Long> archives) {
    for (Archive archive : committed.keySet()) {
      List<Stored> all = copies.getOrDefault(archive.block(), List.of());
      if (all.stream().anyMatch(copy -> deletion(copy) == begun)) {
        archives.put(archive, record);
      }
    }
  }

  private void expired(LogRecord.DeleteExpired expired) throws Violation {
    if (expired.timeMillis() < until.getOrDefault(expired.begun(), Long.MAX_VALUE)) {
      throw new Violation("a deletion ends before its time: " + expired);
    }
    if (isUndoable(expired.machine(), deletions.headMap(expired.begun()))) {
      throw new Violation("a deletion ends before an earlier one: " + expired);
    }
    deletions.put(expired.begun(), Stage.EXPIRED);
    uncleared.add(expired.begun());
  }

  private boolean isUndoable(MachineId machine, Map<Long, Stage> some) {
    return some.entrySet().stream()
        .anyMatch(each ->
            each.getValue() == Stage.COMMITTED && machine.equals(deleting.get(each.getKey())));
  }

  /// Whether there is something to do for who frees: copies that nobody will see again,
  /// transactions that are to be cleared, or a deletion whose time is over by then and none comes
  /// before it.
  boolean hasGarbage(long nowMillis) throws Violation {
    return garbage() > 0
        || !uncleared.isEmpty()
        || deletions.entrySet().stream()
            .anyMatch(each ->
                each.getValue() == Stage.COMMITTED
                    && until.getOrDefault(each.getKey(), Long.MAX_VALUE) <= nowMillis
                    && !isUndoable(
                        Objects.requireNonNull(deleting.get(each.getKey())),
                        deletions.headMap(each.getKey())));
  }

  private void freed(LogRecord.BlockFreed freed) throws Violation {
    Block block = new Block(freed.machine(), freed.kind(), freed.name());
    List<Stored> all = copies.getOrDefault(block, new ArrayList<>());
    Optional<Stored> copy = all.stream().filter(each -> each.record == freed.stored()).findFirst();
    if (copy.isEmpty() || !isGarbage(block.machine, copy.get())) {
      throw new Violation("a copy is freed that somebody may want: " + block + " " + copy);
    }
    all.remove(copy.get());
    if (all.isEmpty()) {
      copies.remove(block);
    }
  }

  /// Whether nobody will see a copy again: its transaction has ended without it, or its deletion
  /// cannot be undone any more.
  private boolean isGarbage(MachineId machine, Stored copy) {
    boolean isDropped = !isKept(copy) && copy.begun != writing.getOrDefault(machine, 0L);
    return isDropped || deletions.get(deletion(copy)) == Stage.EXPIRED;
  }

  /// Copies that nobody will see again, and that are not freed yet.
  private long garbage() throws Violation {
    read();
    long garbage = 0;
    for (var each : copies.entrySet()) {
      garbage +=
          each.getValue().stream().filter(copy -> isGarbage(each.getKey().machine, copy)).count();
    }
    return garbage;
  }

  /// A write transaction that is open ends without what it has stored since its last checkpoint.
  private void abandon(MachineId machine) {
    Long begun = writing.remove(machine);
    if (begun != null) {
      uncleared.add(begun);
    }
  }

  /// Nothing that was to be freed of a transaction is left.
  private void checkCleared(long begun) throws Violation {
    uncleared.remove(begun);
    if (deletions.get(begun) == Stage.UNDONE) {
      deletions.remove(begun);
      return;
    }
    for (List<Stored> all : copies.values()) {
      for (Stored copy : all) {
        if ((copy.begun == begun && !isKept(copy)) || deletion(copy) == begun) {
          throw new Violation("a transaction is cleared, and not all of it is freed: " + copy);
        }
      }
    }
  }

  /// A seal's own record has none of the numbers.
  private void checkNumber(SegmentHeader header, long number) throws Violation {
    long expected = header.seal() ? 0 : nextRecord++;
    if (number != expected) {
      throw new Violation("%s has record %d, not %d".formatted(header.id(), number, expected));
    }
  }

  /// A block that the bucket holds, and others must not be given yet, if there is one: the `nth` of
  /// them, counted round.
  Optional<Block> hidden(MachineId machine, int nth) throws Violation {
    return some(machine, nth, false);
  }

  /// A block that everybody may be given who may read the machine, and that no deletion has named.
  Optional<Block> visible(MachineId machine, int nth) throws Violation {
    return some(machine, nth, true);
  }

  private Optional<Block> some(MachineId machine, int nth, boolean isVisible) throws Violation {
    read();
    List<Block> found = new ArrayList<>();
    copies.forEach((block, all) -> {
      boolean isKept = all.stream().anyMatch(this::isKept);
      boolean isUntouched = all.stream().anyMatch(copy -> isKept(copy) && deletion(copy) == 0);
      if (block.machine.equals(machine) && (isVisible ? isUntouched : !isKept)) {
        found.add(block);
      }
    });
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(nth % found.size()));
  }

  /// Whether these bytes are those of one of the block's copies, gone ones included: what was asked
  /// for may be freed meanwhile.
  boolean is(Block block, ByteBuffer bytes) throws Violation {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return places(block).stream().anyMatch(copy -> copy.crc == (int) crc.getValue());
  }

  /// What lies at a block's place.
  byte @Nullable [] bytes(Stored stored) {
    byte[] object = store.whole(stored.segment.key());
    int from = stored.headerLength + stored.dataOffset;
    return object == null || from + stored.length > object.length
        ? null
        : Arrays.copyOfRange(object, from, from + stored.length);
  }

  record Archive(MachineId machine, BlockName root) {
    Block block() {
      return new Block(machine, BlockClass.ROOT, root);
    }
  }

  record Block(MachineId machine, BlockClass kind, BlockName name) {}

  private enum Stage {
    OPEN,
    COMMITTED,
    UNDONE,
    EXPIRED
  }

  /// Where a copy of a block lies, and what the log says of it.
  record Stored(
      long record,
      long begun,
      int length,
      int crc,
      SegmentId segment,
      int headerLength,
      int dataOffset) {}
}
