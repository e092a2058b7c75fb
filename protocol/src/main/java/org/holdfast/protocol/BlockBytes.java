package org.holdfast.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.Invariant;

/// A sealed block's bytes, in one piece or several, that travel without being copied.
///
/// - Between 1 byte and [#MAX_LENGTH] long.
/// - Whoever makes one does not change the bytes while the connection uses them, which may be after
///   they were sent ([Connection#keepsBytes]): a [Pipe] hands over the same memory.
/// - Two are equal if their bytes are, however they are cut.
///
/// Any thread may use one: the buffers handed out have positions of their own.
public final class BlockBytes {
  /// The longest block: large enough for any chunk, small enough to hold a few in memory.
  public static final int MAX_LENGTH = 16 << 20;

  private final List<ByteBuffer> parts;
  private final int length;

  private BlockBytes(List<ByteBuffer> parts, int length) {
    this.parts = parts;
    this.length = length;
  }

  /// Takes what remains in each buffer, without copying; the buffers' positions stay.
  public static BlockBytes of(ByteBuffer... pieces) {
    List<ByteBuffer> parts = new ArrayList<>(pieces.length);
    long length = 0;
    for (ByteBuffer piece : pieces) {
      if (piece.hasRemaining()) {
        parts.add(piece.slice());
        length += piece.remaining();
      }
    }
    Invariant.check(length >= 1 && length <= MAX_LENGTH, "a block has 1 byte to 16 MiB");
    return new BlockBytes(List.copyOf(parts), (int) length);
  }

  public int length() {
    return length;
  }

  /// The pieces in order; each buffer is new, the bytes are shared.
  public List<ByteBuffer> parts() {
    List<ByteBuffer> duplicates = new ArrayList<>(parts.size());
    for (ByteBuffer part : parts) {
      duplicates.add(part.duplicate());
    }
    return duplicates;
  }

  /// All bytes in one buffer; copies only if there are several pieces.
  public ByteBuffer joined() {
    if (parts.size() == 1) {
      return parts.getFirst().duplicate();
    }
    ByteBuffer joined = ByteBuffer.allocate(length);
    for (ByteBuffer part : parts()) {
      joined.put(part);
    }
    return joined.flip();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockBytes that
        && length == that.length
        && joined().equals(that.joined());
  }

  @Override
  public int hashCode() {
    return joined().hashCode();
  }

  @Override
  public String toString() {
    return length + " bytes";
  }
}
