package org.holdfast.server.state;

import java.nio.ByteBuffer;
import org.holdfast.core.BlockName;

/// A transaction that is open, or was cancelled and has left blocks behind. What it stored up to
/// its last checkpoint (a record number; 0: none) is kept, as the partial archive under `root`.
public record UnfinishedRow(boolean cancelled, long checkpoint, BlockName root, long sequence) {
  static final UnfinishedRow BEGUN = new UnfinishedRow(false, 0, MachineRow.NO_ROOT, 0);

  boolean hasArchive() {
    return checkpoint != 0;
  }

  UnfinishedRow cancel() {
    return new UnfinishedRow(true, checkpoint, root, sequence);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(49).put((byte) (cancelled ? 1 : 0)).putLong(checkpoint);
    return RowCodec.put(out, root.bytes()).putLong(sequence).array();
  }

  static UnfinishedRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new UnfinishedRow(
        in.get() == 1,
        in.getLong(),
        new BlockName(RowCodec.bytes(in, BlockName.LENGTH)),
        in.getLong());
  }
}
