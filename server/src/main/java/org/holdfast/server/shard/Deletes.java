package org.holdfast.server.shard;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.protocol.Message;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DeletionRow;
import org.holdfast.server.state.DeletionRow.Stage;
import org.holdfast.server.state.DurableState.BegunTransaction;
import org.holdfast.server.state.DurableState.Garbage;
import org.holdfast.server.state.DurableState.NamedBlock;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.MachineRow.Transaction;
import org.holdfast.server.state.ShardState;

/// The rules by which requests to delete, and what is over, become records.
///
/// What appends many records stops where the log has no room for more, and says how far it came;
/// where there is none for the first, it fails.
///
/// Not thread-safe: the owner's loop calls every method.
final class Deletes {
  private final Shard shard;
  private final ShardState state;
  private final ShardLog log;

  Deletes(Shard shard, ShardState state, ShardLog log) {
    this.shard = shard;
    this.state = state;
    this.log = log;
  }

  /// Whether the machine's open transaction is this deletion, and it may go on.
  Transaction open(MachineId id, TransactionId transaction) throws HoldfastException {
    log.checkTakes();
    MachineRow machine = shard.machine(id);
    Transaction open = machine.open();
    if (!machine.deleting() || !open.id().equals(transaction)) {
      // A log that has stopped has taken its beginning back: nobody else did.
      log.checkGoesOn();
      throw new ConflictException(
          "this deletion is not the machine's open one any more: a backup or another deletion has"
              + " taken over; start again");
    }
    return open;
  }

  /// Deletes the first of these blocks, and answers how many of them are done with: all if the log
  /// has room.
  int delete(MachineId id, TransactionId transaction, List<NamedBlock> blocks)
      throws HoldfastException {
    Transaction open = open(id, transaction);
    int done = 0;
    for (NamedBlock block : blocks) {
      for (long copy : state.deletable(id, block.kind(), block.name(), open.begun())) {
        if (done > 0 && !log.hasRoom()) {
          return done;
        }
        log.append(
            new LogRecord.CopyDeleted(id, open.begun(), block.kind(), block.name(), copy, false));
      }
      done++;
    }
    return done;
  }

  /// Answers, once it is durable, until when the deletion can be undone. Also for one that is
  /// committed already: its answer may have been lost.
  CompletableFuture<Long> commit(Message.CommitDelete request, long timeMillis, long graceMillis)
      throws HoldfastException {
    MachineId id = request.machine();
    MachineRow machine = shard.machine(id);
    Optional<DeletionRow> committed = state.deletion(id, machine.committed().begun());
    if (committed.isPresent() && committed.get().id().equals(request.transaction())) {
      if (committed.get().stage() == Stage.UNDONE) {
        throw new ConflictException(
            "this deletion was carried out, and has been undone meanwhile: start again");
      }
      return log.durable().thenApply(_ -> committed.get().untilMillis());
    }
    Transaction open = open(id, request.transaction());
    // One that has named nothing is nothing to undo, and is not kept for that.
    boolean isEmpty = state.deletion(id, open.begun()).filter(row -> row.blocks() == 0).isPresent();
    long untilMillis = isEmpty ? timeMillis : timeMillis + graceMillis;
    log.append(new LogRecord.DeleteCommitted(id, open.begun(), timeMillis, untilMillis));
    log.appendDigest();
    return log.durable().thenApply(_ -> untilMillis);
  }

  CompletableFuture<Void> cancel(Message.CancelDelete request) throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    log.append(new LogRecord.Cancelled(request.machine(), open.begun()));
    return log.durable();
  }

  /// Undoes the deletion and all that came after it, the last first: they were made without what it
  /// hides, and may have taken blocks that only its archives need. For the same reason a deletion
  /// that is open is over.
  CompletableFuture<Void> undelete(Message.Undelete request, long timeMillis)
      throws HoldfastException {
    log.checkTakes();
    MachineId id = request.machine();
    MachineRow machine = shard.machine(id);
    SortedMap<Long, DeletionRow> all = state.deletions(id);
    Map.Entry<Long, DeletionRow> wanted = find(all, request.transaction());
    SortedMap<Long, DeletionRow> later = all.tailMap(wanted.getKey());
    if (wanted.getValue().stage() == Stage.UNDONE) {
      return log.durable();
    }
    if (later.values().stream().anyMatch(row -> row.stage() == Stage.EXPIRED)) {
      throw tooLate();
    }
    if (machine.deleting()) {
      log.append(new LogRecord.Cancelled(id, machine.open().begun()));
    }
    for (Map.Entry<Long, DeletionRow> each : List.copyOf(later.entrySet()).reversed()) {
      if (each.getValue().stage() == Stage.COMMITTED) {
        log.append(new LogRecord.DeleteUndone(id, each.getKey(), timeMillis));
      }
    }
    log.appendDigest();
    return log.durable();
  }

  /// Ends what can be undone of the machine's deletions whose time is over, and forgets those that
  /// were undone. Not what comes after one that can be undone: that would undo these too. Answers
  /// how many.
  int expire(MachineId id, long timeMillis) throws HoldfastException {
    int expired = 0;
    for (Map.Entry<Long, DeletionRow> each : state.deletions(id).entrySet()) {
      Stage stage = each.getValue().stage();
      boolean isOver = timeMillis >= each.getValue().untilMillis();
      if ((stage == Stage.COMMITTED && !isOver) || (expired > 0 && !log.hasRoom())) {
        break;
      }
      if (stage == Stage.COMMITTED) {
        log.append(new LogRecord.DeleteExpired(id, each.getKey(), timeMillis));
        expired++;
      } else if (stage == Stage.UNDONE && isOver) {
        log.append(new LogRecord.TransactionCleared(id, each.getKey()));
        expired++;
      }
    }
    return expired;
  }

  /// Frees those of the copies that still are garbage.
  Freed free(MachineId id, List<Garbage> copies) throws HoldfastException {
    int done = 0;
    long blocks = 0;
    long bytes = 0;
    for (Garbage copy : copies) {
      BlockClass kind = copy.block().kind();
      BlockName name = copy.block().name();
      Optional<BlockRow> row = state.garbage(id, kind, name, copy.stored());
      if (row.isPresent()) {
        if (done > 0 && !log.hasRoom()) {
          break;
        }
        log.append(
            new LogRecord.CopyFreed(
                id, kind, name, copy.stored(), row.get().epoch(), row.get().segment()));
        blocks++;
        bytes += copy.length();
      }
      done++;
    }
    return new Freed(done, blocks, bytes);
  }

  /// Ends the first of these transactions, of which nothing is left to be freed, and answers how
  /// many of them are done with.
  int clear(List<BegunTransaction> transactions) throws HoldfastException {
    int done = 0;
    for (BegunTransaction each : transactions) {
      if (state.isGarbage(each.machine(), each.begun())) {
        if (done > 0 && !log.hasRoom()) {
          break;
        }
        log.append(new LogRecord.TransactionCleared(each.machine(), each.begun()));
      }
      done++;
    }
    return done;
  }

  private static Map.Entry<Long, DeletionRow> find(
      SortedMap<Long, DeletionRow> all, TransactionId wanted) throws RefusedException {
    for (Map.Entry<Long, DeletionRow> each : all.entrySet()) {
      if (each.getValue().id().equals(wanted) && each.getValue().stage() != Stage.OPEN) {
        return each;
      }
    }
    throw tooLate();
  }

  private static RefusedException tooLate() {
    return new RefusedException(
        "there is no such deletion that can be undone: its time is over, or it never was; what"
            + " can be brought back is listed as deleted");
  }

  /// How many of the copies are done with, and what was freed.
  record Freed(int done, long blocks, long bytes) {}
}
