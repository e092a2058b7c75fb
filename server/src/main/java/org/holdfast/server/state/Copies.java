package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;

/// Blocks and their copies, and how records change them (`docs/format.md`, "Deleting").
///
/// - A block's newest copy is in its row; the older ones, each deleted once, in rows of their own.
///   There are none without a newest.
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
    Optional<BlockRow> newest = rows.get(Keys.block(machine, kind, name)).map(BlockRow::decode);
    if (newest.isEmpty()) {
      return newest;
    }
    return all(machine, kind, name).reversed().stream()
        .map(Copy::row)
        .filter(row -> visibility.isVisible(machine, row, begun))
        .findFirst();
  }

  /// Whether a deletion has something to take of the block.
  boolean hasOther(MachineId machine, BlockClass kind, BlockName name, long deletion) {
    return all(machine, kind, name).stream()
        .anyMatch(copy -> copy.row.deletedBy() != deletion && isVisible(machine, copy));
  }

  /// Whether there is that copy of the block, and it may be freed.
  boolean isGarbage(MachineId machine, BlockClass kind, BlockName name, long record) {
    return all(machine, kind, name).stream()
        .anyMatch(copy -> copy.row.record() == record && visibility.isGarbage(machine, copy.row));
  }

  void stored(long number, LogRecord.BlockStored block, SegmentId segment, long dataOffset)
      throws CorruptException {
    MachineId machine = block.machine();
    MachineRow totals = fitting.writing(number, machine, block.begun());
    Bytes key = Keys.block(machine, block.kind(), block.name());
    Optional<byte[]> before = rows.get(key);
    BlockRow row =
        new BlockRow(
            number,
            block.begun(),
            block.length(),
            block.crc(),
            0,
            segment.epoch(),
            segment.number(),
            Math.toIntExact(dataOffset));
    if (before.isPresent()) {
      fitting.check(
          visible(machine, block.kind(), block.name(), 0).isEmpty(), number, "block stored twice");
      totals = replaced(block, BlockRow.decode(before.get()), segment, totals);
    }
    rows.replace(key, before, row.encode());
    machines.put(machine, totals.plus(1, block.length()));
  }

  /// What is deleted may be shown again; what was never kept is gone.
  private MachineRow replaced(
      LogRecord.BlockStored by, BlockRow old, SegmentId segment, MachineRow totals) {
    if (visibility.isKept(by.machine(), old)) {
      withoutOlder.remove(by.machine());
      rows.put(Keys.older(by.machine(), by.kind(), by.name(), old.record()), old.encode());
      return totals;
    }
    dead(old, segment);
    return totals.plus(-1, -old.length());
  }

  void deleted(long number, LogRecord.BlockDeleted block) throws CorruptException {
    fitting.deleting(number, block.machine(), block.begun());
    boolean any = false;
    for (Copy copy : all(block.machine(), block.kind(), block.name())) {
      if (isVisible(block.machine(), copy)) {
        rows.put(copy.key, copy.row.deletedBy(block.begun()).encode());
        any = true;
      }
    }
    fitting.check(any, number, "block deleted");
    DeletionRow deletion = visibility.deletion(block.machine(), block.begun()).orElseThrow();
    rows.put(Keys.deletion(block.machine(), block.begun()), deletion.withBlock().encode());
  }

  void freed(long number, LogRecord.BlockFreed block, SegmentId segment) throws CorruptException {
    MachineId machine = block.machine();
    MachineRow totals = fitting.known(number, machine);
    List<Copy> copies = all(machine, block.kind(), block.name());
    Optional<Copy> found =
        copies.stream().filter(copy -> copy.row.record() == block.stored()).findFirst();
    fitting.check(
        found.isPresent() && visibility.isGarbage(machine, found.get().row), number, "block freed");
    Copy copy = found.orElseThrow();
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
  void endSegment(SegmentHeader header) {
    SegmentId id = header.id();
    long live = header.dataLength() - deadInOpenSegment;
    deadInOpenSegment = 0;
    rows.put(
        Keys.segment(id.epoch(), id.number()),
        new SegmentRow(header.headerLength(), header.dataLength(), live).encode());
  }

  /// The rows have changed by other hands.
  void forget() {
    deadInOpenSegment = 0;
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
