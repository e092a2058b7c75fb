package org.holdfast.server.shard;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
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
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DurableState;
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
  private final DamagedCopies damaged;

  Shard(ShardState state, ShardLog log, DamagedCopies damaged) {
    this.state = state;
    this.log = log;
    this.damaged = damaged;
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
              request.machine(),
              request.blockClass(),
              request.names().get(i),
              open.begun(),
              this::isWhole);
      there.set(i, visible.orElse(false));
      unknown.set(i, visible.isEmpty());
    }
    return new Recent(open.begun(), there, unknown);
  }

  /// From here on the transaction's client, in its session, knows of what was found so far. Only
  /// the first time: what is asked for later changes nothing of what was relied on.
  void tell(Message.Damaged request, DamageTold told) throws HoldfastException {
    log.checkTakes();
    told.tell(request.machine(), open(request.machine(), request.transaction()), damaged);
  }

  /// As [#recent], of damaged copies: whether the transaction sees the block, and no copy of it
  /// that is whole.
  Recent recentlyLost(Message.Damaged request, List<DamagedCopies.Copy> copies)
      throws HoldfastException {
    log.checkTakes();
    Transaction open = open(request.machine(), request.transaction());
    BitSet lost = new BitSet(copies.size());
    BitSet unknown = new BitSet(copies.size());
    for (int i = 0; i < copies.size(); i++) {
      DamagedCopies.Copy copy = copies.get(i);
      Optional<Boolean> isVisible = recentlyVisible(copy, open, _ -> true);
      unknown.set(i, isVisible.isEmpty());
      lost.set(
          i, isVisible.orElse(false) && !recentlyVisible(copy, open, this::isWhole).orElse(false));
    }
    return new Recent(open.begun(), lost, unknown);
  }

  private Optional<Boolean> recentlyVisible(
      DamagedCopies.Copy copy, Transaction open, Predicate<BlockRow> isMeant) {
    return state.recentlyVisible(copy.machine(), copy.kind(), copy.name(), open.begun(), isMeant);
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

  CompletableFuture<Void> checkpoint(Message.Checkpoint request, DamageTold told, long timeMillis)
      throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    checkRoot(request.machine(), request.root(), request.sequence(), open);
    checkDamage(request.machine(), open, told);
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
  CompletableFuture<Void> commit(Message.Commit request, DamageTold told, long timeMillis)
      throws HoldfastException {
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
      checkDamage(request.machine(), open, told);
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

  /// Nothing is kept that may rely on damage which its client has not heard of, or whose blocks
  /// nobody can open.
  private void checkDamage(MachineId machine, Transaction open, DamageTold told)
      throws HoldfastException {
    if (damaged.hasFoundSince(machine, told.upTo(machine, open))) {
      throw new ConflictException(
          "stored blocks of this machine were found to be damaged, and this backup may need them:"
              + " run it again, and it sends them again");
    }
    for (DamagedCopies.Copy copy : damaged.of(machine)) {
      if (copy.kind() == BlockClass.RUN && isLost(copy, open)) {
        throw new RefusedException(
            "keys of an earlier backup of this machine are damaged, and its backups may need them;"
                + " no client can make them again: whoever runs the service has to restore the"
                + " object from a copy of the bucket (docs/operations.md)");
      }
    }
  }

  /// Whether the transaction sees a copy of the block, and none that is whole.
  private boolean isLost(DamagedCopies.Copy copy, Transaction open) {
    MachineId machine = copy.machine();
    return state.visible(machine, copy.kind(), copy.name(), open.begun()).isPresent()
        && state.visible(machine, copy.kind(), copy.name(), open.begun(), this::isWhole).isEmpty();
  }

  private boolean isWhole(BlockRow copy) {
    return !damaged.contains(copy);
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
    MachineId machine = request.machine();
    BlockClass kind = request.blockClass();
    BlockName name = request.name();
    int length = request.bytes().length();
    Optional<BlockRow> seen = state.visible(machine, kind, name, open.begun());
    if (seen.isPresent()
        && state.visible(machine, kind, name, open.begun(), this::isWhole).isPresent()) {
      return;
    }
    if (seen.isPresent() && kind != BlockClass.CHUNK && kind != BlockClass.PAGE) {
      throw new RefusedException(
          "the stored block of this name is damaged, and no client makes one of its kind again");
    }
    LogRecord item =
        seen.isEmpty()
            ? new LogRecord.BlockStored(machine, open.begun(), kind, name, length, crc)
            : new LogRecord.BlockStoredAgain(
                machine, open.begun(), kind, name, length, crc, seen.get().record());
    log.append(item, request.bytes().joined());
  }

  /// Which blocks are visible, or lost, as far as changes that are not durable yet say so, and of
  /// which these say nothing, by their places in the request. `begun` is the transaction's
  /// beginning.
  record Recent(long begun, BitSet there, BitSet unknown) {
    /// All that are there, with what is durable.
    BitSet complete(Message.Has request, DurableState rows, DamagedCopies damaged) {
      BitSet all = (BitSet) there.clone();
      for (int i = unknown.nextSetBit(0); i >= 0; i = unknown.nextSetBit(i + 1)) {
        all.set(
            i,
            rows.visible(
                    request.machine(),
                    request.blockClass(),
                    request.names().get(i),
                    begun,
                    copy -> !damaged.contains(copy))
                .isPresent());
      }
      return all;
    }
  }
}
