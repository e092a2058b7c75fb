package org.holdfast.bench.history;

import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;

/// A block of a machine, as the key of its row names it (`docs/format.md`, "Replay").
record Block(BlockClass kind, BlockName name) {
  private static final int KIND_AT = 1 + MachineId.LENGTH;
  private static final int NAME_AT = KIND_AT + 1;

  static Block of(Bytes key) {
    try {
      return new Block(
          BlockClass.of(key.at(KIND_AT)),
          new BlockName(Bytes.copyOf(key.toArray(), NAME_AT, NAME_AT + BlockName.LENGTH)));
    } catch (CorruptException e) {
      throw new IllegalStateException("the row of a block has a key that names none", e);
    }
  }
}
