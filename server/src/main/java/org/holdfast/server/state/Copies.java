package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;

/// Blocks and their copies, and how records change them (`docs/format.md`, "Deleting").
///
/// - A block's newest copy is in its row; the older ones in rows of their own. There are none
///   without a newest.
/// - A machine's blocks and bytes are those of all copies.
/// - A segment's live bytes are those of the copies that lie in it.
///
/// Not thread-safe: the shard's owner calls every method.
final class Copies {
  /// Machines that are known to have no older copies; beyond it they are looked up again.
  private static final int WITHOUT_OLDER_MAX = 4096;

  private final Rows rows;
  private final Machines machines;
  private final Fitting fitting;
  private final Visibility visibility;
  private final Set<MachineId> withoutOlder = new HashSet<>();
  private long deadInOpenSegment;

  Copies(Rows rows, Machines machines, Fitting fitting) {
    this.rows = rows;
    this.machines = machines;
    this.fitting = fitting;
    this.visibility = new Visibility(rows::get);
  }

  /// The oldest copy that is visible to the transaction that began with record `begun`.
  Optional<BlockRow> visible(MachineId machine, BlockClass kind, BlockName name, long begun) {
    return visible(machine, kind, name, begun, _ -> true);
  }

  /// As [#visible], of those that are meant.
  Optional<BlockRow> visible(
      MachineId machine, BlockClass kind, BlockName name, long begun, Predicate<BlockRow> isMeant) {
    return all(machine, kind, name).reversed().stream()
        .map(Copy::row)
        .filter(row -> visibility.isVisible(machine, row, begun) && isMeant.test(row))
        .findFirst();
  }

  /// The records that stored the copies of the block which the deletion can still take.
  List<Long> deletable(MachineId machine, BlockClass kind, BlockName name, long deletion) {
    return all(machine, kind, name).stream()
        .filter(copy -> copy.row.deletedBy() != deletion && isVisible(machine, copy))
        .map(copy -> copy.row.record())
        .toList();
  }

  /// The copy of the block that record `stored` stored.
  Optional<BlockRow> copy(MachineId machine, BlockClass kind, BlockName name, long stored) {
    return find(machine, kind, name, stored).map(Copy::row);
  }

  /// As [#copy], if it may be freed.
  Optional<BlockRow> garbage(MachineId machine, BlockClass kind, BlockName name, long stored) {
    return copy(machine, kind, name, stored).filter(row -> visibility.isGarbage(machine, row));
  }

  void stored(LogEntry entry, LogRecord.BlockStored block, SegmentId segment)
      throws CorruptException {
    long number = entry.number();
    MachineId machine = block.machine();
    MachineRow totals = fitting.writing(number, machine, block.begun());
    Bytes key = Keys.block(machine, block.kind(), block.name());
    Optional<byte[]> before = rows.get(key);
    if (before.isPresent()) {
      fitting.check(
          visible(machine, block.kind(), block.name(), 0).isEmpty(), number, "block stored twice");
    }
    insert(machine, block.kind(), block.name(), before, place(entry, segment));
    machines.put(machine, totals.plus(1, block.length()));
  }

  /// An ordinary copy from here on: it is kept, deleted and freed as any other.
  void storedAgain(LogEntry entry, LogRecord.BlockStoredAgain block, SegmentId segment)
      throws CorruptException {
    long number = entry.number();
    MachineId machine = block.machine();
    MachineRow totals = fitting.writing(number, machine, block.begun());
    boolean mayBeAgain = block.kind() == BlockClass.CHUNK || block.kind() == BlockClass.PAGE;
    fitting.check(mayBeAgain, number, "class of a block that is stored again");
    boolean isThere =
        copy(machine, block.kind(), block.name(), block.damaged())
            .filter(copy -> visibility.isVisible(machine, copy, block.begun()))
            .isPresent();
    fitting.check(isThere, number, "copy that cannot be read");
    Bytes key = Keys.block(machine, block.kind(), block.name());
    insert(machine, block.kind(), block.name(), rows.get(key), place(entry, segment));
    machines.put(machine, totals.plus(1, block.length()));
  }

  void moved(LogEntry entry, LogRecord.CopyMoved block, SegmentId segment) throws CorruptException {
    long number = entry.number();
    MachineId machine = block.machine();
    BlockRow row = place(entry, segment);
    Optional<Copy> found = find(machine, block.kind(), block.name(), block.stored());
    fitting.check(found.isPresent() && found.get().row.isSame(row), number, "copy that is moved");
    if (found.isEmpty()) {
      Bytes key = Keys.block(machine, block.kind(), block.name());
      insert(machine, block.kind(), block.name(), rows.get(key), row);
      return;
    }
    dead(found.get().row, segment);
    rows.put(found.get().key, row.encode());
  }

  void deleted(long number, LogRecord.CopyDeleted block) throws CorruptException {
    MachineId machine = block.machine();
    Optional<Copy> found = find(machine, block.kind(), block.name(), block.stored());
    if (block.again()) {
      boolean isSo = found.isPresent() && found.get().row.deletedBy() == block.begun();
      fitting.check(isSo, number, "copy that is deleted, said again");
    } else {
      fitting.deleting(number, machine, block.begun());
      boolean isThere = found.isPresent() && isVisible(machine, found.get());
      fitting.check(isThere, number, "copy that is deleted");
      Bytes key = Keys.deletion(machine, block.begun());
      visibility
          .deletion(machine, block.begun())
          .ifPresent(row -> rows.put(key, row.withBlocks(1).encode()));
    }
    if (found.isPresent()) {
      rows.put(found.get().key, found.get().row.deletedBy(block.begun()).encode());
    }
  }

  void freed(long number, LogRecord.CopyFreed block, SegmentId segment) throws CorruptException {
    MachineId machine = block.machine();
    MachineRow totals = fitting.known(number, machine);
    List<Copy> copies = all(machine, block.kind(), block.name());
    Optional<Copy> found = find(copies, block.stored());
    if (found.isEmpty()) {
      // Cleaning says again what is so already.
      return;
    }
    Copy copy = found.get();
    fitting.check(visibility.isGarbage(machine, copy.row), number, "copy that is freed");
    if (copies.getFirst().row.record() == block.stored() && copies.size() > 1) {
      rows.put(copy.key, copies.get(1).row.encode());
      rows.delete(copies.get(1).key);
    } else {
      rows.delete(copy.key);
    }
    if (copies.size() == 1 && block.kind() == BlockClass.ROOT) {
      rows.delete(Keys.archive(machine, block.name()));
    }
    dead(copy.row, segment);
    machines.put(machine, totals.plus(-1, -copy.row.length()));
  }

  /// Every record of the segment has been applied.
  void endSegment(SegmentId id, int headerLength, int dataLength) {
    long live = dataLength - deadInOpenSegment;
    deadInOpenSegment = 0;
    rows.put(
        Keys.segment(id.epoch(), id.number()),
        new SegmentRow(headerLength, dataLength, live).encode());
  }

  /// The segments do not count any more.
  void retired(SegmentRange range) {
    SegmentId id = range.first();
    while (range.contains(id)) {
      Bytes key = Keys.segment(id.epoch(), id.number());
      if (rows.get(key).isPresent()) {
        rows.delete(key);
      }
      id = id.next();
    }
  }

  /// The rows have changed by other hands.
  void forget() {
    deadInOpenSegment = 0;
  }

  /// Rows of copies have come into the index by other hands; so many bytes of these segments' data
  /// do not live.
  void loaded(Map<SegmentId, Long> dead) {
    withoutOlder.clear();
    dead.forEach((id, bytes) -> {
      Bytes key = Keys.segment(id.epoch(), id.number());
      rows.get(key)
          .map(SegmentRow::decode)
          .ifPresent(row -> rows.put(key, row.minusLive(bytes).encode()));
    });
  }

  /// Gives a copy its place among those of its block; `newest` is the row of the newest so far.
  private void insert(
      MachineId machine, BlockClass kind, BlockName name, Optional<byte[]> newest, BlockRow row) {
    Bytes key = Keys.block(machine, kind, name);
    if (newest.isEmpty()) {
      rows.replace(key, newest, row.encode());
      return;
    }
    BlockRow old = BlockRow.decode(newest.get());
    BlockRow older = old.record() < row.record() ? old : row;
    withoutOlder.remove(machine);
    rows.put(Keys.older(machine, kind, name, older.record()), older.encode());
    if (older.equals(old)) {
      rows.replace(key, newest, row.encode());
    }
  }

  private void dead(BlockRow copy, SegmentId open) {
    if (copy.epoch() == open.epoch() && copy.segment() == open.number()) {
      deadInOpenSegment += copy.length();
      return;
    }
    Bytes key = Keys.segment(copy.epoch(), copy.segment());
    rows.get(key)
        .map(SegmentRow::decode)
        .ifPresent(row -> rows.put(key, row.minusLive(copy.length()).encode()));
  }

  private boolean isVisible(MachineId machine, Copy copy) {
    return visibility.isVisible(machine, copy.row, 0);
  }

  private static BlockRow place(LogEntry entry, SegmentId segment) {
    return BlockRow.of(entry, segment).orElseThrow();
  }

  private Optional<Copy> find(MachineId machine, BlockClass kind, BlockName name, long record) {
    return find(all(machine, kind, name), record);
  }

  private static Optional<Copy> find(List<Copy> copies, long record) {
    return copies.stream().filter(copy -> copy.row.record() == record).findFirst();
  }

  /// Newest first.
  private List<Copy> all(MachineId machine, BlockClass kind, BlockName name) {
    Bytes key = Keys.block(machine, kind, name);
    Optional<byte[]> newest = rows.get(key);
    if (newest.isEmpty()) {
      return List.of();
    }
    List<Copy> all = new ArrayList<>();
    all.add(new Copy(key, BlockRow.decode(newest.get())));
    all.addAll(older(machine, kind, name));
    return all;
  }

  /// Newest first.
  private List<Copy> older(MachineId machine, BlockClass kind, BlockName name) {
    if (hasNoOlder(machine)) {
      return List.of();
    }
    return rows.listed(Keys.older(machine, kind, name)).entrySet().stream()
        .map(row -> new Copy(row.getKey(), BlockRow.decode(row.getValue())))
        .toList()
        .reversed();
  }

  /// Spares a machine that has never deleted anything a search for each of its blocks.
  private boolean hasNoOlder(MachineId machine) {
    if (withoutOlder.contains(machine)) {
      return true;
    }
    if (rows.hasListed(Keys.older(machine))) {
      return false;
    }
    if (withoutOlder.size() >= WITHOUT_OLDER_MAX) {
      withoutOlder.clear();
    }
    withoutOlder.add(machine);
    return true;
  }

  private record Copy(Bytes key, BlockRow row) {}
}
