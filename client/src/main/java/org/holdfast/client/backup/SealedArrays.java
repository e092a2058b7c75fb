package org.holdfast.client.backup;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Arrays that blocks are sealed into. Where a connection is done with a block's bytes once it is
/// sent, they are used again, since arrays of a megabyte are dear to make and to collect; else each
/// is used once. Any thread.
final class SealedArrays {
  /// What idle arrays hold at most, in bytes.
  private static final long IDLE_LENGTH_MAX = 8 << 20;

  /// Lengths are multiples of this.
  private static final int STEP = 64 << 10;

  private final boolean once;
  private final ArrayDeque<byte[]> idle = new ArrayDeque<>();
  private long idleLength;

  /// `once`: the bytes are used after they were sent.
  SealedArrays(boolean once) {
    this.once = once;
  }

  /// One of at least that length.
  byte[] take(int length) {
    if (once) {
      return new byte[length];
    }
    byte[] fitting = idle(length);
    return fitting != null ? fitting : new byte[Math.ceilDiv(length, STEP) * STEP];
  }

  void giveBack(byte[] array) {
    if (once) {
      return;
    }
    synchronized (this) {
      idle.addLast(array);
      idleLength += array.length;
      while (idleLength > IDLE_LENGTH_MAX) {
        idleLength -= idle.removeFirst().length;
      }
    }
  }

  private synchronized byte @Nullable [] idle(int length) {
    for (Iterator<byte[]> each = idle.iterator(); each.hasNext(); ) {
      byte[] array = each.next();
      if (array.length >= length) {
        each.remove();
        idleLength -= array.length;
        return array;
      }
    }
    return null;
  }
}
