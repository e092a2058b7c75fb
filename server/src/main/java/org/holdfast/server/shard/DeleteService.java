package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.protocol.Message;
import org.holdfast.server.state.DeletionRow;
import org.holdfast.server.state.DurableState.DeletedArchive;
import org.holdfast.server.state.DurableState.NamedBlock;

/// Deleting, on a shard that serves. Any thread.
public final class DeleteService {
  /// Records that are appended at a time: others wait for the owner as long. Some 10 ms.
  static final int BATCH = 500;

  private final ShardService service;
  private final Shard shard;
  private final Deletes deletes;
  private final ShardLog log;
  private final Clock clock;
  private final long graceMillis;

  /// Whoever deletes can undo it for `graceMillis`.
  DeleteService(
      ShardService service,
      Shard shard,
      Deletes deletes,
      ShardLog log,
      Clock clock,
      long graceMillis) {
    this.service = service;
    this.shard = shard;
    this.deletes = deletes;
    this.log = log;
    this.clock = clock;
    this.graceMillis = graceMillis;
  }

  /// Begins the transaction, or resumes it; answers whether it was open already.
  ///
  /// Only when all is durable that comes before it: what its client is shown from then on has in it
  /// what was brought back just now. While it is open nothing else can come.
  public boolean begin(Message.BeginDelete request) throws HoldfastException {
    service.freeing().want();
    return service.whenRoom(() -> {
      boolean wasOpen =
          shard.beginDelete(
              request.machine(), request.transaction(), request.predecessor(), request.overWrite());
      return log.durable().thenApply(_ -> wasOpen);
    });
  }

  /// Where `gone` says so, nobody waits for it any more.
  public void delete(Message.Delete request, BooleanSupplier gone) throws HoldfastException {
    if (request.blockClass() == BlockClass.RUN) {
      throw new RefusedException(
          "the keys of a backup's run are deleted with everything only: others may need them");
    }
    List<NamedBlock> blocks = new ArrayList<>(request.names().size());
    request.names().forEach(name -> blocks.add(new NamedBlock(request.blockClass(), name)));
    delete(request.machine(), request.transaction(), blocks, gone);
  }

  /// As [#delete], of all that is visible: a page of rows after the other, so that the owner and
  /// the log have time for others.
  public void deleteAll(Message.DeleteAll request, BooleanSupplier gone) throws HoldfastException {
    MachineId machine = request.machine();
    // While the deletion is open nobody stores: when this is durable, so are all blocks.
    service.whenRoom(() -> {
      deletes.open(machine, request.transaction());
      return log.durable();
    });
    Optional<NamedBlock> after = Optional.empty();
    while (true) {
      Optional<NamedBlock> from = after;
      List<NamedBlock> page = service.durable(rows -> rows.blocks(machine, from));
      if (page.isEmpty()) {
        return;
      }
      delete(machine, request.transaction(), page, gone);
      after = Optional.of(page.getLast());
    }
  }

  /// Answers until when it can be undone, in ms.
  public long commit(Message.CommitDelete request) throws HoldfastException {
    return service.whenRoom(() -> deletes.commit(request, clock.wallMillis(), graceMillis));
  }

  public void cancel(Message.CancelDelete request) throws HoldfastException {
    service.whenRoom(() -> deletes.cancel(request));
  }

  public void undelete(Message.Undelete request) throws HoldfastException {
    service.freeing().keep(request.machine());
    service.whenRoom(() -> deletes.undelete(request, clock.wallMillis()));
    service.freeing().kept(request.machine());
  }

  /// One more than the limit, if there are as many.
  public SortedMap<BlockName, DeletedArchive> deleted(Message.Deleted request)
      throws HoldfastException {
    return service.durable(rows ->
        rows.deleted(request.machine(), Optional.ofNullable(request.after()), request.limit() + 1));
  }

  /// The machine's deletions that can be undone, by number; one more than the limit, if there are
  /// as many.
  public SortedMap<Long, DeletionRow> deletions(Message.Deletions request)
      throws HoldfastException {
    return service.durable(
        rows -> rows.deletions(request.machine(), request.after(), request.limit() + 1));
  }

  private void delete(
      MachineId machine, TransactionId transaction, List<NamedBlock> blocks, BooleanSupplier gone)
      throws HoldfastException {
    int done = 0;
    while (done < blocks.size()) {
      if (gone.getAsBoolean()) {
        throw new UnavailableException("whoever asked for this is gone");
      }
      List<NamedBlock> batch = blocks.subList(done, Math.min(done + BATCH, blocks.size()));
      done +=
          service.whenRoom(
              () -> CompletableFuture.completedFuture(deletes.delete(machine, transaction, batch)));
    }
  }
}
