package org.holdfast.client.catalog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Invariant;

/// How often each of many names is used, or another number for each.
///
/// Names and counts lie one behind the other, in pieces of [#PIECE] that are never copied; an index
/// of `int`s, open addressing with steps of one, at most two thirds full, finds them by all of
/// their 32 bytes. That takes 36 bytes a name and 6 to 12 of index: 2 million names take 85 to 100
/// MB. Names whose count is 0 keep their place until the counts are written and read again.
///
/// One thread.
public final class NameCounts {
  /// Names in a piece, a power of two: 1 MiB of names.
  private static final int PIECE = 1 << 15;

  /// Far from where positions in an index of `int`s end.
  private static final int NAMES_MAX = 500_000_000;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /// The golden ratio's fraction, as multiplicative hashing has it (Knuth, volume 3, 6.4).
  private static final long SPREAD = 0x9e3779b97f4a7c15L;

  private final List<byte[]> names = new ArrayList<>();
  private final List<int[]> counts = new ArrayList<>();
  private int[] index = new int[1 << 10];
  private int size;
  private long used;

  /// Names with a count.
  public long used() {
    return used;
  }

  /// The count of a name; 0 if it is not known.
  public int count(BlockName name) {
    int at = index[slot(name.bytes().toArray())] - 1;
    return at < 0 ? 0 : counts.get(at / PIECE)[at % PIECE];
  }

  /// Counts one more. Answers the count.
  public int add(BlockName name) {
    return add(name.bytes().toArray(), 1);
  }

  public int add(byte[] name, int more) {
    Invariant.check(more > 0, "what is added is something");
    int slot = slot(name);
    if (index[slot] == 0) {
      append(name, slot);
      slot = slot(name);
    }
    int at = index[slot] - 1;
    int[] piece = counts.get(at / PIECE);
    if (piece[at % PIECE] == 0) {
      used++;
    }
    piece[at % PIECE] = Math.addExact(piece[at % PIECE], more);
    return piece[at % PIECE];
  }

  /// Sees to a count of at least so many.
  public void raise(BlockName name, int least) {
    int missing = least - count(name);
    if (missing > 0) {
      add(name.bytes().toArray(), missing);
    }
  }

  /// Counts one less. Answers the count. Throws [CorruptException] for a name that has none.
  public int subtract(BlockName name) throws CorruptException {
    int at = index[slot(name.bytes().toArray())] - 1;
    if (at < 0 || counts.get(at / PIECE)[at % PIECE] == 0) {
      throw new CorruptException(
          "the counts of what archives share do not fit the archives: nothing was deleted; delete"
              + " the file `counts` in the cache folder and repeat the command");
    }
    int count = --counts.get(at / PIECE)[at % PIECE];
    if (count == 0) {
      used--;
    }
    return count;
  }

  /// Hands on each name that has a count, in no order that means anything.
  public <X extends Exception> void each(Counted<X> sink) throws X {
    for (int at = 0; at < size; at++) {
      int count = counts.get(at / PIECE)[at % PIECE];
      if (count > 0) {
        sink.name(names.get(at / PIECE), at % PIECE * BlockName.LENGTH, count);
      }
    }
  }

  private void append(byte[] name, int slot) {
    Invariant.check(size < NAMES_MAX, "fewer names than a machine can have blocks");
    if (size == names.size() * PIECE) {
      names.add(new byte[PIECE * BlockName.LENGTH]);
      counts.add(new int[PIECE]);
    }
    byte[] piece = names.get(size / PIECE);
    System.arraycopy(name, 0, piece, size % PIECE * BlockName.LENGTH, BlockName.LENGTH);
    size++;
    index[slot] = size;
    if (size > index.length / 3 * 2) {
      grow();
    }
  }

  private void grow() {
    index = new int[index.length * 2];
    for (int at = 0; at < size; at++) {
      byte[] piece = names.get(at / PIECE);
      int slot = hash(piece, at % PIECE * BlockName.LENGTH);
      while (index[slot] != 0) {
        slot = (slot + 1) & (index.length - 1);
      }
      index[slot] = at + 1;
    }
  }

  /// Where the index has the name, or would have it.
  private int slot(byte[] name) {
    int slot = hash(name, 0);
    while (index[slot] != 0 && !isAt(index[slot] - 1, name)) {
      slot = (slot + 1) & (index.length - 1);
    }
    return slot;
  }

  private boolean isAt(int at, byte[] name) {
    int from = at % PIECE * BlockName.LENGTH;
    byte[] piece = names.get(at / PIECE);
    return Arrays.equals(piece, from, from + BlockName.LENGTH, name, 0, BlockName.LENGTH);
  }

  /// Names are hashes already: 16 of their bytes spread well.
  private int hash(byte[] bytes, int from) {
    long word = (long) LONG.get(bytes, from) ^ (long) LONG.get(bytes, from + 24);
    return (int) ((word * SPREAD) >>> 32) & (index.length - 1);
  }

  public static BlockName name(byte[] bytes, int from) {
    return new BlockName(Bytes.copyOf(bytes, from, from + BlockName.LENGTH));
  }

  /// Takes in a name, 32 bytes from there on, and its count.
  public interface Counted<X extends Exception> {
    void name(byte[] bytes, int from, int count) throws X;
  }
}
