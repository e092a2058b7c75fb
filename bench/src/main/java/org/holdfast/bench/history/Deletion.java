package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.holdfast.core.BlockClass;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.server.state.MachineRow;

/// A delete transaction of a machine, which takes all that some of its backups have stored but for
/// their runs' keys.
final class Deletion implements Act {
  /// How long it can be undone.
  static final int GRACE_DAYS = 7;

  private static final long GRACE_MILLIS = GRACE_DAYS * 24L * 3600 * 1000;

  private final Scene scene;
  private final HistoryMachine machine;
  private final List<Long> backups;
  private final Deque<Bytes> left = new ArrayDeque<>();
  private long begun;

  /// Of the backups that these records began.
  Deletion(Scene scene, HistoryMachine machine, List<Long> backups) {
    this.scene = scene;
    this.machine = machine;
    this.backups = List.copyOf(backups);
  }

  @Override
  public boolean step() throws HoldfastException {
    if (begun == 0) {
      begin();
      return true;
    }
    Bytes key = left.poll();
    if (key != null) {
      Block block = Block.of(key);
      for (long copy :
          scene.log().state().deletable(machine.id(), block.kind(), block.name(), begun)) {
        scene
            .log()
            .append(
                new LogRecord.CopyDeleted(
                    machine.id(), begun, block.kind(), block.name(), copy, false));
      }
      return true;
    }
    long nowMillis = scene.time().wallMillis();
    long untilMillis = nowMillis + GRACE_MILLIS;
    scene.log().append(new LogRecord.DeleteCommitted(machine.id(), begun, nowMillis, untilMillis));
    scene.log().digest();
    scene.log().flush();
    machine.deleted(begun, untilMillis, backups);
    return false;
  }

  private void begin() throws HoldfastException {
    MachineRow row = machine.row();
    TransactionId transaction = new TransactionId(scene.draw().bytes(TransactionId.LENGTH));
    long ended = row.open().begun();
    begun = scene.log().append(new LogRecord.DeleteBegun(machine.id(), transaction, ended));
    scene.index().keep(begun);
    if (ended != 0) {
      machine.isGarbage(ended);
    }
    for (long backup : backups) {
      scene.index().blocks(backup).stream()
          .filter(key -> Block.of(key).kind() != BlockClass.RUN)
          .forEach(left::add);
    }
  }
}
