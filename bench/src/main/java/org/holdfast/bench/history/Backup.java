package org.holdfast.bench.history;

import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.server.state.MachineRow;

/// A write transaction of a machine: its run's keys, chunks with a page now and then, checkpoints,
/// a root, the commit; or cut off on the way.
final class Backup implements Act {
  /// As many chunks as a page lists in the mean, with small files that share chunks and large ones
  /// that have many.
  private static final int CHUNKS_A_PAGE = 12;

  /// Pages compress well, and a root says little.
  private static final int PAGE_PART = 8;

  private static final int ROOT_PART = 64;

  /// (`docs/format-sealing.md`, "Runs")
  private static final int RUN_LENGTH = 2354;

  private static final int CANCELLED_PERCENT = 50;

  private final Scene scene;
  private final HistoryMachine machine;
  private final MachineId id;
  private final Fate fate;
  private final long blocks;
  private final long checkpointBlocks;
  private long stored;
  private long begun;
  private long sequence;
  private BlockName partial = MachineRow.NO_ROOT;

  /// It stores so many blocks, roots and the run's keys left out.
  Backup(Scene scene, HistoryMachine machine, long blocks, Fate fate) {
    this.scene = scene;
    this.machine = machine;
    this.id = machine.id();
    this.blocks = blocks;
    // Only longer ones come to one.
    this.checkpointBlocks = scene.shape().backupBlocks() * 3L / 2 + 1;
    this.fate = fate;
  }

  @Override
  public boolean step() throws HoldfastException {
    if (begun == 0) {
      begin();
      return true;
    }
    if (stored < blocks) {
      stored++;
      boolean isPage = stored % (CHUNKS_A_PAGE + 1) == 0 || stored == blocks;
      int mean = scene.shape().blockLength();
      store(isPage ? BlockClass.PAGE : BlockClass.CHUNK, isPage ? mean / PAGE_PART : mean);
      if (stored % checkpointBlocks == 0 && stored < blocks) {
        checkpoint();
      }
      return true;
    }
    if (fate == Fate.CUT_OFF) {
      cutOff();
    } else {
      commit();
    }
    return false;
  }

  private void begin() throws HoldfastException {
    TransactionId transaction = new TransactionId(scene.draw().bytes(TransactionId.LENGTH));
    long ended = machine.row().open().begun();
    begun = scene.log().append(new LogRecord.WriteBegun(id, transaction, ended));
    // The one that has just ended may have left an archive.
    sequence = machine.row().sequence() + 1;
    if (ended != 0) {
      machine.isGarbage(ended);
    }
    if (fate != Fate.KEPT) {
      scene.index().keep(begun);
    }
    store(BlockClass.RUN, scene.draw().name(), RUN_LENGTH);
  }

  private void checkpoint() throws HoldfastException {
    BlockName root = store(BlockClass.ROOT, scene.shape().blockLength() / ROOT_PART);
    scene.log().append(new LogRecord.Checkpoint(id, begun, root, sequence, now(), partial));
    scene.log().digest();
    scene.log().flush();
    partial = root;
  }

  private void commit() throws HoldfastException {
    BlockName root = store(BlockClass.ROOT, scene.shape().blockLength() / ROOT_PART);
    scene.log().append(new LogRecord.Committed(id, begun, root, sequence, now(), partial));
    scene.log().digest();
    scene.log().flush();
    if (fate == Fate.DELETED) {
      machine.willBeDeleted(begun);
    }
  }

  /// The client says so, or its next backup does.
  private void cutOff() throws HoldfastException {
    if (scene.draw().percent(CANCELLED_PERCENT)) {
      scene.log().append(new LogRecord.Cancelled(id, begun));
      machine.isGarbage(begun);
    }
    scene.log().flush();
  }

  private BlockName store(BlockClass kind, int mean) throws HoldfastException {
    BlockName name = scene.draw().name();
    store(kind, name, scene.draw().blockLength(mean, Zeros.LENGTH_MAX));
    return name;
  }

  private void store(BlockClass kind, BlockName name, int length) throws HoldfastException {
    int crc = scene.log().checksum(length);
    scene.log().append(new LogRecord.BlockStored(id, begun, kind, name, length, crc));
  }

  private long now() {
    return scene.time().wallMillis();
  }

  /// What becomes of it.
  enum Fate {
    KEPT,
    DELETED,
    CUT_OFF
  }
}
