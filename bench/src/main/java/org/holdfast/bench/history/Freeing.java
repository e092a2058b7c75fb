package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogRecord;
import org.holdfast.server.state.BlockRow;

/// Frees what a cancelled write transaction has left, or what an expired deletion has taken, in the
/// order in which a scan of the rows finds it.
final class Freeing implements Act {
  private final Scene scene;
  private final MachineId machine;
  private final long begun;
  private final List<Long> writes;
  private final Deque<Bytes> left = new ArrayDeque<>();
  private boolean hasBegun;

  /// Of the transaction that record `begun` began; what it left was stored by the transactions that
  /// `writes` began.
  Freeing(Scene scene, MachineId machine, long begun, List<Long> writes) {
    this.scene = scene;
    this.machine = machine;
    this.begun = begun;
    this.writes = List.copyOf(writes);
  }

  @Override
  public boolean step() throws HoldfastException {
    if (!hasBegun) {
      hasBegun = true;
      scene.log().flush();
      writes.stream()
          .flatMap(write -> scene.index().blocks(write).stream())
          .sorted()
          .forEach(left::add);
    }
    Bytes key = left.poll();
    if (key != null) {
      free(Block.of(key), scene.index().stored(key));
      return true;
    }
    scene.log().append(new LogRecord.TransactionCleared(machine, begun));
    scene.log().flush();
    writes.forEach(scene::ended);
    scene.ended(begun);
    return false;
  }

  private void free(Block block, long stored) throws HoldfastException {
    Optional<BlockRow> row =
        scene.log().state().garbage(machine, block.kind(), block.name(), stored);
    if (row.isPresent()) {
      scene
          .log()
          .append(
              new LogRecord.CopyFreed(
                  machine,
                  block.kind(),
                  block.name(),
                  stored,
                  row.get().epoch(),
                  row.get().segment()));
    }
  }
}
