package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;

/// Takes blocks, as far as it has room for them.
public interface BlockSink {
  /// Waits until there is room for blocks of so many bytes, and memory for a read of so many.
  void reserve(long blockBytes, int readBytes) throws UnavailableException;

  /// As [#reserve] if that needs no waiting.
  boolean tryReserve(long blockBytes, int readBytes);

  /// A read's memory is not needed any more.
  void release(int readBytes);

  /// Nobody takes any more.
  boolean isOver();

  void block(int index, ByteBuffer bytes) throws UnavailableException;

  /// It was never stored, or is not visible, or all of its copies are damaged.
  void missing(int index) throws UnavailableException;

  /// There was room for a copy of this length that could not be read: it is looked for elsewhere.
  void unread(int length);

  /// An object is not what was stored. What becomes of its blocks is told besides.
  void damaged(SegmentId segment, Damage damage);
}
