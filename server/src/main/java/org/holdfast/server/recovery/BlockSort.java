package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.state.BlockFold;
import org.holdfast.server.state.BlockRow;

/// Sorts the parts of one file by block, and makes rows of them.
///
/// What is sorted are numbers: the part, as many bits of the name as there is room for, and which
/// record it is. Records of one block so stay in their order; blocks whose names begin alike are
/// few, and are told apart afterwards.
///
/// As names are hashes, the first bits of these numbers part them into heaps of a few each, which
/// lie in the processor's cache when they are sorted. Names that somebody has chosen make it slower
/// and nothing else.
///
/// Keeps its memory from one file to the next. Used by one thread at a time.
final class BlockSort {
  /// Numbers in a heap, about.
  private static final int HEAP = 16;

  private final MachineNumbers machines;
  private final Counted segments;
  private List<BlockPartitions.Part> parts = List.of();
  private ByteBuffer in = ByteBuffer.allocate(0);
  private byte[] bytes = in.array();
  private int[] starts = new int[0];
  private long[] order = new long[0];
  private long[] spare = new long[0];
  private int count;
  private int indexBits;

  BlockSort(MachineNumbers machines, Counted segments) {
    this.machines = machines;
    this.segments = segments;
  }

  /// Takes these, in the order of their blocks' keys.
  void read(List<BlockPartitions.Part> some) throws UnavailableException {
    parts = some;
    int records = 0;
    int length = 0;
    for (BlockPartitions.Part part : parts) {
      records += part.records();
      length = Math.addExact(length, Math.toIntExact(part.length()));
    }
    if (length > bytes.length) {
      bytes = new byte[length];
      in = ByteBuffer.wrap(bytes);
    }
    if (records > order.length) {
      starts = new int[records];
      order = new long[records];
      spare = new long[records];
    }
    indexBits = Math.max(1, 64 - Long.numberOfLeadingZeros(records));
    int at = 0;
    for (BlockPartitions.Part part : parts) {
      part.read(bytes, at);
      at += (int) part.length();
    }
  }

  /// Makes rows of what was read last.
  void fold(BlockFold fold) {
    number();
    if (count > 0) {
      sort();
      rows(fold);
    }
  }

  private void sort() {
    heap();
    int from = 0;
    for (int i = 1; i <= count; i++) {
      if (i == count || order[i] >>> indexBits != order[from] >>> indexBits) {
        if (i - from > 1) {
          tellApart(from, i);
        }
        from = i;
      }
    }
  }

  /// The numbers, in the order of the records, of those that count. They are not negative: longs
  /// are compared with their signs.
  private void number() {
    int partBits = 32 - Integer.numberOfLeadingZeros(parts.size() - 1);
    int at = 0;
    count = 0;
    for (int part = 0; part < parts.size(); part++) {
      long first = (long) part << (63 - partBits);
      int end = at + (int) parts.get(part).length();
      while (at < end) {
        if (segments.has(in.getInt(at + BlockRecords.SEGMENT_AT))) {
          starts[count] = at;
          long key = first | in.getLong(at + BlockRecords.NAME_AT) >>> (partBits + 1);
          order[count] = key >>> indexBits << indexBits | count;
          count++;
        }
        at += BlockRecords.length(bytes[at]);
      }
    }
  }

  private void heap() {
    long least = Long.MAX_VALUE;
    long most = 0;
    for (int i = 0; i < count; i++) {
      least = Math.min(least, order[i]);
      most = Math.max(most, order[i]);
    }
    int heapBits = Math.max(1, 32 - Integer.numberOfLeadingZeros(count / HEAP));
    int shift = Math.max(0, 64 - Long.numberOfLeadingZeros(most - least) - heapBits);
    int[] ends = new int[(int) ((most - least) >>> shift) + 2];
    for (int i = 0; i < count; i++) {
      ends[(int) ((order[i] - least) >>> shift) + 1]++;
    }
    for (int i = 1; i < ends.length; i++) {
      ends[i] += ends[i - 1];
    }
    // Each heap's beginning moves to its end as it is filled.
    for (int i = 0; i < count; i++) {
      spare[ends[(int) ((order[i] - least) >>> shift)]++] = order[i];
    }
    int from = 0;
    for (int i = 0; i < ends.length - 1; i++) {
      Arrays.sort(spare, from, ends[i]);
      from = ends[i];
    }
    long[] heaped = spare;
    spare = order;
    order = heaped;
  }

  /// Sorts those whose first bits are the same. Nearly always they are one block's.
  private void tellApart(int from, int to) {
    boolean isSorted = true;
    for (int i = from + 1; i < to && isSorted; i++) {
      isSorted = compare(start(order[i - 1]), start(order[i])) <= 0;
    }
    if (!isSorted) {
      Long[] some = Arrays.stream(order, from, to).boxed().toArray(Long[]::new);
      Arrays.sort(some, (one, other) -> compare(start(one), start(other)));
      for (int i = 0; i < some.length; i++) {
        order[from + i] = some[i];
      }
    }
  }

  private int start(long each) {
    return starts[(int) (each & (1L << indexBits) - 1)];
  }

  /// By name, within a part.
  private int compare(int one, int other) {
    return Arrays.compareUnsigned(
        bytes,
        one + BlockRecords.NAME_AT,
        one + BlockRecords.BODY_AT,
        bytes,
        other + BlockRecords.NAME_AT,
        other + BlockRecords.BODY_AT);
  }

  private void rows(BlockFold fold) {
    int group = -1;
    int from = 0;
    while (from < count) {
      int at = start(order[from]);
      if (in.getInt(at + BlockRecords.GROUP_AT) != group) {
        group = in.getInt(at + BlockRecords.GROUP_AT);
        fold.enter(machines.machine(BlockRecords.machine(group)), BlockRecords.kind(group));
      }
      int to = end(from);
      if (to == from + 1 && isAlone(at)) {
        alone(at, fold);
      } else {
        int name = at + BlockRecords.NAME_AT;
        fold.begin(new BlockName(Bytes.copyOf(bytes, name, name + BlockName.LENGTH)));
        for (int i = from; i < to; i++) {
          record(start(order[i]), fold);
        }
        fold.end();
      }
      from = to;
    }
  }

  private void alone(int at, BlockFold fold) {
    int body = at + BlockRecords.BODY_AT;
    int segment = in.getInt(at + BlockRecords.SEGMENT_AT);
    fold.alone(
        in.getLong(body),
        bytes[at] == BlockRecords.STORED,
        bytes,
        at + BlockRecords.NAME_AT,
        body,
        segments.epoch(segment),
        segments.number(segment));
  }

  /// Behind the last record of the block.
  private int end(int from) {
    int to = from + 1;
    while (to < count
        && order[to] >>> indexBits == order[from] >>> indexBits
        && compare(start(order[to]), start(order[from])) == 0) {
      to++;
    }
    return to;
  }

  /// Whether nothing is said but that the copy lies there.
  private boolean isAlone(int at) {
    return switch (bytes[at]) {
      case BlockRecords.STORED -> true;
      case BlockRecords.MOVED ->
          in.getLong(at + BlockRecords.BODY_AT + BlockRecords.DELETED_AT) == 0;
      default -> false;
    };
  }

  private void record(int at, BlockFold fold) {
    int body = at + BlockRecords.BODY_AT;
    long one = in.getLong(body);
    long other = in.getLong(body + 8);
    switch (bytes[at]) {
      case BlockRecords.STORED -> fold.stored(one, row(at, 0));
      case BlockRecords.MOVED -> fold.moved(row(at, in.getLong(body + BlockRecords.DELETED_AT)));
      case BlockRecords.DELETED -> fold.deleted(one, other);
      case BlockRecords.FREED -> fold.freed(one, other);
      default -> throw new IllegalStateException("no record of a block");
    }
  }

  private BlockRow row(int at, long deletedBy) {
    int body = at + BlockRecords.BODY_AT;
    int segment = in.getInt(at + BlockRecords.SEGMENT_AT);
    return new BlockRow(
        in.getLong(body),
        in.getLong(body + 8),
        in.getInt(body + 16),
        in.getInt(body + 20),
        deletedBy,
        segments.epoch(segment),
        segments.number(segment),
        in.getInt(body + BlockRecords.OFFSET_AT));
  }
}
