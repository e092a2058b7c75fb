package org.holdfast.server.shard;

import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.protocol.Message;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.MachineRow.Transaction;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// The rules by which requests become records.
///
/// Records are applied to the state when they are appended; whoever must not be told of them before
/// they are durable waits for [ShardLog#durable].
///
/// Not thread-safe: the owner's loop calls every method.
final class Shard {
  private final ShardState state;
  private final ShardLog log;

  Shard(ShardState state, ShardLog log) {
    this.state = state;
    this.log = log;
  }

  /// From here on this shard appends to the log.
  void own(LogWriter writer, LogRecord.EpochBegun term) throws HoldfastException {
    log.own(writer, term);
  }

  /// Begins the transaction, or resumes it; answers whether it was open already.
  boolean begin(MachineId id, TransactionId transaction, @Nullable TransactionId predecessor)
      throws HoldfastException {
    return begin(id, transaction, predecessor, false);
  }

  /// As [#begin], of a delete transaction; one that takes over from a write transaction only if
  /// `overWrite`.
  boolean beginDelete(
      MachineId id,
      TransactionId transaction,
      @Nullable TransactionId predecessor,
      boolean overWrite)
      throws HoldfastException {
    MachineRow machine = machine(id);
    if (!overWrite && !machine.open().isNone() && !machine.deleting()) {
      throw new ConflictException(
          "a backup of this machine is at work, or was cut off: it has to be said that the deletion"
              + " ends it");
    }
    return begin(id, transaction, predecessor, true);
  }

  private boolean begin(
      MachineId id, TransactionId transaction, @Nullable TransactionId predecessor, boolean deletes)
      throws HoldfastException {
    MachineRow machine = machine(id);
    log.checkTakes();
    if (machine.open().id().equals(transaction) && !machine.open().isNone()) {
      if (machine.deleting() != deletes) {
        throw new ConflictException(
            "the machine's open transaction is of the other kind: begin one of another name");
      }
      return true;
    }
    if (machine.committed().id().equals(transaction)) {
      throw new ConflictException(
          "this transaction is committed already: ask for the machine's state and begin another");
    }
    TransactionId expected = machine.committed().id();
    if (!expected.equals(predecessor == null ? Transaction.NONE.id() : predecessor)) {
      throw new ConflictException(
          "the machine's last backup is not the one that this client knows: its local cache is out"
              + " of date and must be brought up to date from the server");
    }
    long ended = machine.open().begun();
    log.append(
        deletes
            ? new LogRecord.DeleteBegun(id, transaction, ended)
            : new LogRecord.WriteBegun(id, transaction, ended));
    return false;
  }

  /// What is known in memory of the blocks that a client asks for; the rest is for [DurableState].
  Recent recent(Message.Has request) throws HoldfastException {
    // Of what is lost, the index says that it is there.
    log.checkTakes();
    Transaction open = open(request.machine(), request.transaction());
    BitSet there = new BitSet(request.names().size());
    BitSet unknown = new BitSet(request.names().size());
    for (int i = 0; i < request.names().size(); i++) {
      Optional<Boolean> visible =
          state.recentlyVisible(
              request.machine(), request.blockClass(), request.names().get(i), open.begun());
      there.set(i, visible.orElse(false));
      unknown.set(i, visible.isEmpty());
    }
    return new Recent(open.begun(), there, unknown);
  }

  /// Completes when the block has its place in a segment.
  CompletableFuture<Void> store(Message.Store request, int crc, BooleanSupplier gone) {
    return log.whenRoom(
        request.bytes().length(),
        gone,
        () -> {
          storeNow(request, crc);
          return CompletableFuture.completedFuture(null);
        });
  }

  CompletableFuture<Void> checkpoint(Message.Checkpoint request, long timeMillis)
      throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    checkRoot(request.machine(), request.root(), request.sequence(), open);
    log.append(
        new LogRecord.Checkpoint(
            request.machine(),
            open.begun(),
            request.root(),
            request.sequence(),
            timeMillis,
            state.partial(request.machine(), open.begun())));
    log.appendDigest();
    return log.durable();
  }

  /// Also for a transaction that is committed already: its answer may have been lost.
  CompletableFuture<Void> commit(Message.Commit request, long timeMillis) throws HoldfastException {
    MachineRow machine = machine(request.machine());
    boolean repeated =
        machine.committed().id().equals(request.transaction())
            && state.deletion(request.machine(), machine.committed().begun()).isEmpty();
    if (!repeated) {
      Transaction open = open(request.machine(), request.transaction());
      BlockName root = request.root();
      if (root != null) {
        checkRoot(request.machine(), root, request.sequence(), open);
      }
      log.append(
          new LogRecord.Committed(
              request.machine(),
              open.begun(),
              root == null ? MachineRow.NO_ROOT : root,
              request.sequence(),
              timeMillis,
              state.partial(request.machine(), open.begun())));
      log.appendDigest();
    }
    return log.durable();
  }

  CompletableFuture<Void> cancel(MachineId id, TransactionId transaction) throws HoldfastException {
    Transaction open = open(id, transaction);
    log.append(new LogRecord.Cancelled(id, open.begun()));
    return log.durable();
  }

  /// Completes when everything about the machine is durable.
  CompletableFuture<Void> settled(MachineId machine) {
    return state.isPending(machine) ? log.durable() : CompletableFuture.completedFuture(null);
  }

  MachineRow machine(MachineId id) throws HoldfastException {
    return state
        .machine(id)
        .orElseThrow(() -> new RefusedException("machine " + id + " is not registered here"));
  }

  private void checkRoot(MachineId id, BlockName root, long sequence, Transaction open)
      throws HoldfastException {
    long expected = machine(id).sequence() + 1;
    if (sequence != expected) {
      throw new ConflictException(
          "the archive's sequence is "
              + sequence
              + " where "
              + expected
              + " should be: the"
              + " client's cache is out of date");
    }
    // Not of another: an archive is shown as long as its own transaction's root is.
    if (state
        .visible(id, BlockClass.ROOT, root, open.begun())
        .filter(row -> row.begun() == open.begun())
        .isEmpty()) {
      throw new RefusedException("the archive's root was not stored in this transaction");
    }
    if (!state.mayBecome(id, root, open.begun())) {
      throw new RefusedException("another archive has this root already: begin a new backup");
    }
  }

  private Transaction open(MachineId id, TransactionId transaction) throws HoldfastException {
    MachineRow machine = machine(id);
    Transaction open = machine.open();
    if (machine.deleting() || open.isNone() || !open.id().equals(transaction)) {
      // A log that has stopped has taken its beginning back: nobody else did.
      log.checkGoesOn();
      throw new ConflictException(
          "this backup is not the machine's open one any more: another has taken over; start"
              + " again");
    }
    return open;
  }

  private void storeNow(Message.Store request, int crc) throws HoldfastException {
    log.checkTakes();
    Transaction open = open(request.machine(), request.transaction());
    if (state
        .visible(request.machine(), request.blockClass(), request.name(), open.begun())
        .isPresent()) {
      return;
    }
    log.append(
        new LogRecord.BlockStored(
            request.machine(),
            open.begun(),
            request.blockClass(),
            request.name(),
            request.bytes().length(),
            crc),
        request.bytes().joined());
  }

  /// Which blocks are visible, as far as changes that are not durable yet say so, and of which
  /// these say nothing, by their places in the request. `begun` is the transaction's beginning.
  record Recent(long begun, BitSet there, BitSet unknown) {}
}
