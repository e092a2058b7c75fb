package org.holdfast.bench.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.Names;
import org.holdfast.server.state.ShardState;

/// Cleans a segment, by the steps of `docs/cleaning.md`. There is one at a time, and an older
/// segment always: the first of a log is never cleaned.
final class Cleaning implements Act {
  private final Scene scene;
  private final SegmentId id;
  private final Deque<LogEntry> toMove = new ArrayDeque<>();
  private final Deque<LogEntry> toSayAgain = new ArrayDeque<>();
  private final Deque<Bytes> toRestate = new ArrayDeque<>();
  private final Set<Long> moved = new HashSet<>();
  private boolean hasBegun;

  Cleaning(Scene scene, SegmentId id) {
    this.scene = scene;
    this.id = id;
  }

  @Override
  public boolean step() throws HoldfastException {
    if (!hasBegun) {
      hasBegun = true;
      List<LogEntry> entries = scene.log().entries(id);
      toMove.addAll(entries);
      toSayAgain.addAll(entries);
      toRestate.addAll(Names.of(entries));
      scene.log().append(new LogRecord.CleaningBegun(id.epoch(), id.number()));
    } else if (!toMove.isEmpty()) {
      move(toMove.remove());
    } else if (!toSayAgain.isEmpty()) {
      sayAgain(toSayAgain.remove().item());
    } else if (!toRestate.isEmpty()) {
      Bytes key = toRestate.remove();
      scene.log().append(new LogRecord.RowRestated(key, state().row(key)));
    } else {
      long number = id.number();
      scene.log().append(new LogRecord.SegmentsRetired(id.epoch(), number, number));
      scene.log().digest();
      scene.log().flush();
      scene.log().delete(id);
      return false;
    }
    return true;
  }

  private void move(LogEntry entry) throws HoldfastException {
    if (!(entry.item() instanceof LogRecord.BlockStored r)) {
      return;
    }
    Optional<BlockRow> row = state().copy(r.machine(), r.kind(), r.name(), entry.number());
    if (row.filter(copy -> copy.segmentId(HistoryLog.SHARD).equals(id)).isPresent()) {
      BlockRow copy = row.get();
      scene
          .log()
          .append(
              new LogRecord.CopyMoved(
                  r.machine(),
                  copy.begun(),
                  r.kind(),
                  r.name(),
                  copy.length(),
                  copy.crc(),
                  copy.record(),
                  copy.deletedBy()));
      moved.add(copy.record());
    }
  }

  private void sayAgain(LogRecord item) throws HoldfastException {
    switch (item) {
      case LogRecord.CopyDeleted r when !moved.contains(r.stored()) -> {
        Optional<BlockRow> row = state().copy(r.machine(), r.kind(), r.name(), r.stored());
        if (row.filter(copy -> copy.deletedBy() == r.begun()).isPresent()) {
          scene.log().append(r.saidAgain());
        }
      }
      case LogRecord.CopyFreed r -> {
        SegmentId place = new SegmentId(HistoryLog.SHARD, r.epoch(), r.segment());
        if (!place.equals(id) && state().retired(place).isEmpty()) {
          scene.log().append(r);
        }
      }
      default -> {}
    }
  }

  private ShardState state() {
    return scene.log().state();
  }
}
