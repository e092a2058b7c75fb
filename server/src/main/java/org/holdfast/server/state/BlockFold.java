package org.holdfast.server.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;
import org.holdfast.server.index.Index.RowSink;

/// Makes the rows of one block after the other from what records say of its copies, as [Copies]
/// does of many blocks at a time (`docs/recovery.md`).
///
/// The records of a block come between [#begin] and [#end], in their order, or it is [#alone];
/// blocks come in the order of their keys. Nothing is checked that another record would have to
/// say.
///
/// Used by one thread.
public final class BlockFold {
  private final int shard;
  private final ToLongFunction<MachineId> restatedAt;
  private final RowSink newest;
  private final RowSink older;
  private final RowDigest hash = new RowDigest();
  private final BlockDigest alone = new BlockDigest();
  private final Map<MachineId, BlockSums.Total> machines = new HashMap<>();
  private final Map<SegmentId, Long> dead = new HashMap<>();
  private Fingerprint rows = Fingerprint.ZERO;

  /// In the order of the records that stored them.
  private final List<BlockRow> copies = new ArrayList<>();

  private MachineId machine = MachineId.of(new byte[MachineId.LENGTH]);
  private BlockClass kind = BlockClass.CHUNK;
  private BlockName name = MachineRow.NO_ROOT;
  private long totalsKnown;
  private long moreBlocks;
  private long moreBytes;

  /// `restatedAt` is the record up to which a machine's totals are known; `newest` takes the rows
  /// of blocks, `older` those of older copies.
  public BlockFold(int shard, ToLongFunction<MachineId> restatedAt, RowSink newest, RowSink older) {
    this.shard = shard;
    this.restatedAt = restatedAt;
    this.newest = newest;
    this.older = older;
  }

  /// What follows are this machine's blocks of one class.
  public void enter(MachineId ofMachine, BlockClass ofKind) {
    settle();
    machine = ofMachine;
    kind = ofKind;
    totalsKnown = restatedAt.applyAsLong(machine);
    alone.enter(machine, kind);
  }

  /// A block of which nothing is said but that record `number` has stored a copy (`isNew`) or moved
  /// one, and that belongs to no deletion: its name stands there, and its row's value but for the
  /// segment, which has this epoch and this number.
  public void alone(
      long number, boolean isNew, byte[] bytes, int nameAt, int valueAt, int epoch, long segment) {
    alone.add(bytes, nameAt, valueAt, epoch, segment);
    newest.row(alone.key(), alone.value());
    if (isNew) {
      count(number, 1, alone.length());
    }
  }

  public void begin(BlockName ofName) {
    name = ofName;
    copies.clear();
  }

  /// A record has stored a copy, or stored the block again.
  public void stored(long number, BlockRow row) {
    insert(row);
    count(number, 1, row.length());
  }

  /// The copy lies there from now on.
  public void moved(BlockRow row) {
    int at = find(row.record());
    if (at < 0) {
      insert(row);
      return;
    }
    dead(copies.get(at));
    copies.set(at, row);
  }

  /// The deletion that began with record `begun` has taken the copy that record `stored` stored.
  public void deleted(long stored, long begun) {
    int at = find(stored);
    if (at >= 0) {
      copies.set(at, copies.get(at).deletedBy(begun));
    }
  }

  /// The copy that record `stored` stored is gone.
  public void freed(long number, long stored) {
    int at = find(stored);
    if (at >= 0) {
      BlockRow row = copies.remove(at);
      dead(row);
      count(number, -1, -row.length());
    }
  }

  public void end() {
    if (copies.isEmpty()) {
      return;
    }
    for (BlockRow each : copies.subList(0, copies.size() - 1)) {
      put(older, Keys.older(machine, kind, name, each.record()), each);
    }
    put(newest, Keys.block(machine, kind, name), copies.getLast());
  }

  /// What all that has come was.
  public BlockSums sums() {
    settle();
    return new BlockSums(rows.plus(alone.sum()), machines, dead);
  }

  private void put(RowSink sink, Bytes key, BlockRow row) {
    byte[] bytes = key.toArray();
    byte[] value = row.encode();
    rows = rows.plus(hash.of(bytes, value));
    sink.row(bytes, value);
  }

  private void insert(BlockRow row) {
    int at = copies.size();
    while (at > 0 && copies.get(at - 1).record() > row.record()) {
      at--;
    }
    copies.add(at, row);
  }

  private int find(long record) {
    for (int i = copies.size() - 1; i >= 0; i--) {
      if (copies.get(i).record() == record) {
        return i;
      }
    }
    return -1;
  }

  private void count(long number, int blocks, long bytes) {
    if (number > totalsKnown) {
      moreBlocks += blocks;
      moreBytes += bytes;
    }
  }

  private void dead(BlockRow row) {
    dead.merge(row.segmentId(shard), (long) row.length(), Long::sum);
  }

  private void settle() {
    if (moreBlocks != 0 || moreBytes != 0) {
      BlockSums.Total more = new BlockSums.Total(moreBlocks, moreBytes);
      machines.merge(machine, more, BlockSums.Total::plus);
      moreBlocks = 0;
      moreBytes = 0;
    }
  }
}
