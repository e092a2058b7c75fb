package org.holdfast.server.shard;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DurableState;

/// Which copies of blocks are damaged, in objects that are known to be damaged nowhere else: these
/// stop nobody but who relies on those copies (`docs/operations.md`, "Blocks that are damaged").
///
/// What is found is counted, so that who was told of it can be told from who was not.
///
/// Any thread.
final class DamagedCopies {
  /// Beyond so many, in all objects together, an object stops all backups: some 4 MiB of memory.
  static final int COPIES_MAX = 20_000;

  private final Map<Place, Found> objects = new ConcurrentHashMap<>();
  private long lastFound;

  /// All of the object was read, and these are damaged. Answers whether that can be kept in mind.
  synchronized boolean put(SegmentId segment, Collection<Copy> copies) {
    Place place = Place.of(segment);
    Found before = objects.get(place);
    int others = count() - (before == null ? 0 : before.copies.size());
    if (others + copies.size() > COPIES_MAX) {
      objects.remove(place);
      return false;
    }
    Map<Long, Copy> byRecord = new LinkedHashMap<>();
    copies.forEach(copy -> byRecord.put(copy.stored, copy));
    if (before == null || !before.copies.keySet().containsAll(byRecord.keySet())) {
      lastFound++;
      objects.put(place, new Found(lastFound, byRecord));
    } else {
      objects.put(place, new Found(before.number, byRecord));
    }
    return true;
  }

  /// The object is whole, or what is damaged in it is not known any more.
  void remove(SegmentId segment) {
    objects.remove(Place.of(segment));
  }

  /// Whether it is known what is damaged in the object.
  boolean isKnown(SegmentId segment) {
    return objects.containsKey(Place.of(segment));
  }

  boolean contains(BlockRow copy) {
    if (objects.isEmpty()) {
      return false;
    }
    Found found = objects.get(new Place(copy.epoch(), copy.segment()));
    return found != null && found.copies.containsKey(copy.record());
  }

  /// The number of what was found last; 0: nothing so far.
  synchronized long lastFound() {
    return lastFound;
  }

  /// Whether copies of the machine were found after that number.
  boolean hasFoundSince(MachineId machine, long number) {
    return objects.values().stream()
        .filter(found -> found.number > number)
        .flatMap(found -> found.copies.values().stream())
        .anyMatch(copy -> copy.machine.equals(machine));
  }

  /// The machine's, keys of runs first.
  List<Copy> of(MachineId machine) {
    return objects.values().stream()
        .flatMap(found -> found.copies.values().stream())
        .filter(copy -> copy.machine.equals(machine))
        .sorted(Comparator.comparing(Copy::kind).reversed().thenComparingLong(Copy::stored))
        .toList();
  }

  /// The machine's, with where they lie in this shard.
  Set<DamagedCopy> of(MachineId machine, int shard) {
    Set<DamagedCopy> all = new HashSet<>();
    objects.forEach((place, found) ->
        found.copies.values().stream()
            .filter(copy -> copy.machine.equals(machine))
            .forEach(copy ->
                all.add(
                    new DamagedCopy(
                        new SegmentId(shard, place.epoch, place.segment),
                        copy.stored,
                        found.number))));
    return all;
  }

  /// How many blocks can be seen, and none of their copies is whole.
  long countLost(DurableState rows) {
    return objects.values().stream()
        .flatMap(found -> found.copies.values().stream())
        .map(copy -> new Copy(copy.machine, copy.kind, copy.name, 0))
        .distinct()
        .filter(block -> isLost(rows, block, -1))
        .count();
  }

  /// Whether the transaction that began with record `begun` sees the block, and no copy of it that
  /// is whole.
  boolean isLost(DurableState rows, Copy block, long begun) {
    return rows.visible(block.machine, block.kind, block.name, begun).isPresent()
        && rows.visible(block.machine, block.kind, block.name, begun, copy -> !contains(copy))
            .isEmpty();
  }

  synchronized int count() {
    return objects.values().stream().mapToInt(found -> found.copies.size()).sum();
  }

  /// A copy of a block, by the record that stored it.
  record Copy(MachineId machine, BlockClass kind, BlockName name, long stored) {
    /// Whose data lies with this record.
    static Copy of(LogEntry entry, BlockRow row) {
      return switch (entry.item()) {
        case LogRecord.BlockStored r -> new Copy(r.machine(), r.kind(), r.name(), row.record());
        case LogRecord.BlockStoredAgain r ->
            new Copy(r.machine(), r.kind(), r.name(), row.record());
        case LogRecord.CopyMoved r -> new Copy(r.machine(), r.kind(), r.name(), row.record());
        default -> throw new IllegalArgumentException("no record with data");
      };
    }
  }

  private record Place(int epoch, long segment) {
    static Place of(SegmentId id) {
      return new Place(id.epoch(), id.number());
    }
  }

  private record Found(long number, Map<Long, Copy> copies) {
    Found {
      copies = Map.copyOf(new HashMap<>(copies));
    }
  }
}
