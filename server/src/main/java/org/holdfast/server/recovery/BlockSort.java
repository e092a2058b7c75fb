package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.state.BlockFold;
import org.holdfast.server.state.BlockRow;

/// Sorts one of the [BlockFiles] by block, and makes rows of it.
///
/// What is sorted are numbers: the group, as many bits of the name as there is room for, and which
/// record it is. Records of one block so stay in their order; blocks whose names begin alike are
/// few, and are told apart afterwards.
///
/// As names are hashes, the first bits of these numbers part them into heaps of a few each, which
/// lie in the processor's cache when they are sorted. Names that somebody has chosen make it slower
/// and nothing else.
///
/// Keeps its memory from one file to the next. Used by one thread at a time.
final class BlockSort {
  private static final int GROUP_AT = 1;
  private static final int NAME_AT = 5;

  /// Numbers in a heap, about.
  private static final int HEAP = 16;

  private final BlockPlan plan;
  private ByteBuffer in = ByteBuffer.allocate(0);
  private byte[] bytes = in.array();
  private int[] starts = new int[0];
  private long[] order = new long[0];
  private long[] spare = new long[0];
  private int count;
  private int indexBits;

  BlockSort(BlockPlan plan) {
    this.plan = plan;
  }

  void fold(BlockFiles.Part part, BlockFold fold) throws UnavailableException {
    count = part.records();
    if (count == 0) {
      return;
    }
    int length = Math.toIntExact(part.length());
    if (length > bytes.length) {
      bytes = new byte[length];
      in = ByteBuffer.wrap(bytes);
    }
    if (count > order.length) {
      starts = new int[count];
      order = new long[count];
      spare = new long[count];
    }
    indexBits = Math.max(1, 64 - Long.numberOfLeadingZeros(count));
    part.read(bytes, length);
    sort();
    fold(fold);
  }

  private void sort() {
    number();
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

  /// The numbers, in the order of the records. They are not negative: longs are compared with their
  /// signs.
  private void number() {
    int least = Integer.MAX_VALUE;
    int most = 0;
    int at = 0;
    for (int i = 0; i < count; i++) {
      starts[i] = at;
      int group = in.getInt(at + GROUP_AT);
      least = Math.min(least, group);
      most = Math.max(most, group);
      at += BlockFiles.length(bytes[at]);
    }
    int groupBits = 32 - Integer.numberOfLeadingZeros(most - least);
    for (int i = 0; i < count; i++) {
      long group = (long) in.getInt(starts[i] + GROUP_AT) - least;
      long key = group << (63 - groupBits) | in.getLong(starts[i] + NAME_AT) >>> (groupBits + 1);
      order[i] = key >>> indexBits << indexBits | i;
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

  /// By group and name.
  private int compare(int one, int other) {
    return Arrays.compareUnsigned(
        bytes,
        one + GROUP_AT,
        one + BlockFiles.KEY_LENGTH,
        bytes,
        other + GROUP_AT,
        other + BlockFiles.KEY_LENGTH);
  }

  private void fold(BlockFold fold) {
    int group = -1;
    int from = 0;
    while (from < count) {
      int at = start(order[from]);
      if (in.getInt(at + GROUP_AT) != group) {
        group = in.getInt(at + GROUP_AT);
        fold.enter(plan.machine(group), BlockPlan.kind(group));
      }
      int to = end(from);
      if (to == from + 1 && isRow(at)) {
        int body = at + BlockFiles.KEY_LENGTH;
        boolean isNew = bytes[at] == BlockFiles.STORED;
        fold.alone(in.getLong(body), isNew, bytes, at + NAME_AT, body);
      } else {
        fold.begin(new BlockName(Bytes.copyOf(bytes, at + NAME_AT, at + BlockFiles.KEY_LENGTH)));
        for (int i = from; i < to; i++) {
          record(start(order[i]), fold);
        }
        fold.end();
      }
      from = to;
    }
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

  /// Whether a row's value stands there as it is.
  private boolean isRow(int at) {
    return switch (bytes[at]) {
      case BlockFiles.STORED -> true;
      case BlockFiles.MOVED -> in.getLong(at + BlockFiles.KEY_LENGTH + 40) == 0;
      default -> false;
    };
  }

  private void record(int at, BlockFold fold) {
    int body = at + BlockFiles.KEY_LENGTH;
    long one = in.getLong(body);
    long other = in.getLong(body + 8);
    switch (bytes[at]) {
      case BlockFiles.STORED -> fold.stored(one, row(body, 0));
      case BlockFiles.MOVED -> fold.moved(row(body, in.getLong(body + 40)));
      case BlockFiles.DELETED -> fold.deleted(one, other);
      case BlockFiles.FREED -> fold.freed(one, other);
      default -> throw new IllegalStateException("no record of a block");
    }
  }

  private BlockRow row(int body, long deletedBy) {
    return new BlockRow(
        in.getLong(body),
        in.getLong(body + 8),
        in.getInt(body + 16),
        in.getInt(body + 20),
        deletedBy,
        in.getInt(body + 24),
        in.getLong(body + 28),
        in.getInt(body + 36));
  }
}
