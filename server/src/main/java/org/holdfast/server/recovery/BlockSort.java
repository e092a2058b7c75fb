package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.MachineId;
import org.holdfast.server.state.BlockFold;
import org.holdfast.server.state.BlockRow;

/// Sorts one of the [BlockFiles] by block, and makes rows of it.
///
/// What is sorted are numbers: the group, as many bits of the name as there is room for, and which
/// record it is. Records of one block so stay in their order; blocks whose names begin alike are
/// few, and are told apart afterwards.
final class BlockSort {
  private static final int GROUP_AT = 1;
  private static final int NAME_AT = 5;

  private final BlockFiles files;
  private final byte[] bytes;
  private final ByteBuffer in;
  private final int[] starts;
  private final long[] order;
  private final int indexBits;

  private BlockSort(BlockFiles files, byte[] bytes, int records) {
    this.files = files;
    this.bytes = bytes;
    this.in = ByteBuffer.wrap(bytes);
    this.starts = new int[records];
    this.order = new long[records];
    this.indexBits = Math.max(1, 64 - Long.numberOfLeadingZeros(records));
  }

  /// `bytes` are those of a file that holds so many records.
  static void fold(BlockFiles files, byte[] bytes, int records, BlockFold fold) {
    if (records > 0) {
      BlockSort sort = new BlockSort(files, bytes, records);
      sort.sort();
      sort.fold(fold);
    }
  }

  private void sort() {
    int least = Integer.MAX_VALUE;
    int most = 0;
    int at = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = at;
      int group = in.getInt(at + GROUP_AT);
      least = Math.min(least, group);
      most = Math.max(most, group);
      at += length(bytes[at]);
    }
    int groupBits = 32 - Integer.numberOfLeadingZeros(most - least);
    for (int i = 0; i < starts.length; i++) {
      long group = (long) in.getInt(starts[i] + GROUP_AT) - least;
      long name = in.getLong(starts[i] + NAME_AT) >>> groupBits;
      long key = groupBits == 0 ? name : group << (64 - groupBits) | name;
      // Longs are compared with their signs.
      order[i] = (key >>> indexBits << indexBits | i) ^ Long.MIN_VALUE;
    }
    Arrays.sort(order);
    int from = 0;
    for (int i = 1; i <= order.length; i++) {
      if (i == order.length || order[i] >>> indexBits != order[from] >>> indexBits) {
        tellApart(from, i);
        from = i;
      }
    }
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
    int last = -1;
    for (long each : order) {
      int at = start(each);
      if (last < 0 || compare(last, at) != 0) {
        if (last >= 0) {
          fold.end();
        }
        last = at;
        int group = in.getInt(at + GROUP_AT);
        MachineId machine = files.machine(group);
        Bytes name = Bytes.copyOf(bytes, at + NAME_AT, at + NAME_AT + BlockName.LENGTH);
        fold.begin(machine, BlockFiles.kind(group), new BlockName(name));
      }
      record(at, fold);
    }
    fold.end();
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

  private static int length(byte kind) {
    return BlockFiles.KEY_LENGTH
        + switch (kind) {
          case BlockFiles.STORED -> 40;
          case BlockFiles.MOVED -> 48;
          default -> 16;
        };
  }
}
