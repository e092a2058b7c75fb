package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// The open beginning of a sealed part.
///
/// ```
/// 0   1   version 01
/// 1   1   class
/// 2   1   kind
/// 3   16  run id
/// 19  8   counter
/// ```
record PartHeader(BlockClass blockClass, PartKind kind, RunId run, long counter) {
  static final int LENGTH = 27;
  private static final byte VERSION = 1;

  byte[] encode() {
    return ByteBuffer.allocate(LENGTH)
        .put(VERSION)
        .put((byte) blockClass.code())
        .put((byte) kind.code())
        .put(run.bytes().toArray())
        .putLong(counter)
        .array();
  }

  static PartHeader decode(byte[] block, int from, int to) throws CorruptException {
    if (to - from < LENGTH) {
      throw new CorruptException("sealed part is too short: " + (to - from) + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(block, from, LENGTH);
    int version = in.get();
    if (version != VERSION) {
      throw new CorruptException("sealed part is of version " + version + ", which is not known");
    }
    BlockClass blockClass = BlockClass.of(in.get());
    PartKind kind = PartKind.of(in.get());
    byte[] run = new byte[RunId.LENGTH];
    in.get(run);
    return new PartHeader(blockClass, kind, new RunId(Bytes.wrap(run)), in.getLong());
  }

  /// Binds the part to its block: the server cannot answer with another one.
  byte[] associated(BlockName name) {
    byte[] associated = Arrays.copyOf(encode(), LENGTH + BlockName.LENGTH);
    name.bytes().copyTo(associated, LENGTH);
    return associated;
  }
}
