package org.holdfast.server.state;

import java.nio.ByteBuffer;
import org.holdfast.core.TransactionId;

/// A delete transaction and what became of it. `timeMillis` is that of the last change; both times
/// are 0 before it is committed. `blocks` is how many it has named.
public record DeletionRow(
    Stage stage, TransactionId id, long timeMillis, long untilMillis, long blocks) {
  static DeletionRow begun(TransactionId id) {
    return new DeletionRow(Stage.OPEN, id, 0, 0, 0);
  }

  /// Whether it can be undone, and that would change something.
  public boolean canBeUndone() {
    return stage == Stage.COMMITTED && blocks > 0;
  }

  /// Whether its time is over by then, and it has not ended.
  boolean isDue(long atMillis) {
    return (stage == Stage.COMMITTED || stage == Stage.UNDONE) && untilMillis <= atMillis;
  }

  /// Whether what it names is hidden.
  boolean hides() {
    return stage == Stage.COMMITTED || stage == Stage.EXPIRED;
  }

  DeletionRow withBlocks(long more) {
    return new DeletionRow(stage, id, timeMillis, untilMillis, blocks + more);
  }

  DeletionRow committed(long time, long until) {
    return new DeletionRow(Stage.COMMITTED, id, time, until, blocks);
  }

  DeletionRow ended(Stage as, long time) {
    return new DeletionRow(as, id, time, untilMillis, blocks);
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(41).put((byte) stage.code);
    return RowCodec.put(out, id.bytes())
        .putLong(timeMillis)
        .putLong(untilMillis)
        .putLong(blocks)
        .array();
  }

  static DeletionRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new DeletionRow(
        Stage.of(in.get()),
        new TransactionId(RowCodec.bytes(in, TransactionId.LENGTH)),
        in.getLong(),
        in.getLong(),
        in.getLong());
  }

  /// How far a deletion has come.
  public enum Stage {
    OPEN(0),
    COMMITTED(1),
    UNDONE(2),
    EXPIRED(3);

    private final int code;

    Stage(int code) {
      this.code = code;
    }

    static Stage of(int code) {
      return switch (code) {
        case 0 -> OPEN;
        case 1 -> COMMITTED;
        case 2 -> UNDONE;
        case 3 -> EXPIRED;
        default -> throw new IllegalStateException("no stage of a deletion " + code);
      };
    }
  }
}
