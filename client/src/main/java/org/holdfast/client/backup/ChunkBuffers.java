package org.holdfast.client.backup;

import java.util.ArrayDeque;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.protocol.Credit;

/// The arrays that content is read into: a bounded number of long ones, used again and again, so
/// that reading waits for what becomes of what was read. Any thread.
///
/// Most backups read little. So a stream begins with a short array and asks for a longer one each
/// time that is full; of those there are few, and nobody waits for them.
final class ChunkBuffers {
  /// One that each of two streams fills, and two whose chunks are on their way.
  private static final int LONG_MAX = 4;

  private static final int FIRST_LENGTH = 64 << 10;

  private final int longLength;
  private final Credit left = new Credit(LONG_MAX);
  private final ArrayDeque<byte[]> idle = new ArrayDeque<>();

  /// `chunkLengthMax` is what the long ones hold.
  ChunkBuffers(int chunkLengthMax) {
    this.longLength = chunkLengthMax;
  }

  ChunkBuffer first() {
    return new ChunkBuffer(new byte[Math.min(FIRST_LENGTH, longLength)], _ -> {});
  }

  /// The one after a buffer that is full: longer, unless that is a long one. Waits while too many
  /// are in use.
  ChunkBuffer after(ChunkBuffer full) throws HoldfastException {
    long length = 2L * full.length();
    if (length < longLength) {
      return new ChunkBuffer(new byte[(int) length], _ -> {});
    }
    left.take(1);
    byte[] free;
    synchronized (idle) {
      free = idle.poll();
    }
    return new ChunkBuffer(free == null ? new byte[longLength] : free, this::giveBack);
  }

  /// Whoever waits, or comes later, gets this failure.
  void fail(HoldfastException why) {
    left.fail(why);
  }

  private void giveBack(byte[] free) {
    synchronized (idle) {
      idle.push(free);
    }
    try {
      left.give(1);
    } catch (CorruptException e) {
      throw new IllegalStateException("what is given back was taken", e);
    }
  }
}
