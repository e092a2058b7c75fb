package org.holdfast.server;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.server.shard.BlockSink;
import org.holdfast.server.shard.Damage;
import org.holdfast.server.shard.ShardService;

/// Takes all that a shard hands over; what is lost or damaged fails the test.
final class FetchedBlocks implements BlockSink {
  private final List<BlockRef> refs;
  private final Map<BlockRef, byte[]> found = new HashMap<>();
  private final Runnable each;

  private FetchedBlocks(List<BlockRef> refs, Runnable each) {
    this.refs = refs;
    this.each = each;
  }

  /// The blocks that are there.
  static Map<BlockRef, byte[]> of(ShardService shard, MachineId machine, List<BlockRef> refs)
      throws HoldfastException {
    return of(shard, machine, refs, () -> {});
  }

  /// As above; `each` runs with each of them.
  static Map<BlockRef, byte[]> of(
      ShardService shard, MachineId machine, List<BlockRef> refs, Runnable each)
      throws HoldfastException {
    FetchedBlocks sink = new FetchedBlocks(refs, each);
    if (!refs.isEmpty()) {
      shard.fetch(machine, refs, sink);
    }
    return sink.found;
  }

  @Override
  public boolean isOver() {
    return false;
  }

  @Override
  public void block(int index, ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    found.put(refs.get(index), copy);
    each.run();
  }

  @Override
  public void missing(int index) {}

  @Override
  public void reserve(long blockBytes, int readBytes) {}

  @Override
  public boolean tryReserve(long blockBytes, int readBytes) {
    return true;
  }

  @Override
  public void release(int readBytes) {}

  @Override
  public void unread(int length) {
    throw new AssertionError("a copy could not be read");
  }

  @Override
  public void damaged(SegmentId segment, Damage damage) {
    throw new AssertionError(damage.line(segment));
  }
}
