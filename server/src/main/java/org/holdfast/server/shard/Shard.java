package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.ConflictException;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.core.RefusedException;
import org.holdfast.core.TransactionId;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.protocol.BlockRef;
import org.holdfast.protocol.Message;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.MachineRow.Transaction;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.SegmentRow;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// One log with its state, and the rules by which requests become records.
///
/// Records are applied to the state when they are appended; whoever must not be told of them before
/// they are durable waits for [#durable]. When the log cannot be written any more, waiting requests
/// fail, later writes are refused with the reason, and reads go on.
///
/// Not thread-safe: the owner's loop calls every method.
final class Shard {
  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final int number;
  private final ShardState state;
  private final Runnable flushLater;
  private final Consumer<HoldfastException> whenStopped;
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private final Deque<Waiting<?>> waiting = new ArrayDeque<>();
  private @Nullable LogWriter writer;
  private @Nullable HoldfastException stopped;
  private long durableRecord;
  private boolean flushWanted;

  /// Without a writer until [#own]. `flushLater` asks for a call of [#flush] after the linger;
  /// `whenStopped` hears once why the log cannot be written any more.
  Shard(
      int number, ShardState state, Runnable flushLater, Consumer<HoldfastException> whenStopped) {
    this.number = number;
    this.state = state;
    this.flushLater = flushLater;
    this.whenStopped = whenStopped;
    this.durableRecord = state.position().nextRecord() - 1;
  }

  /// From here on this shard appends to the log.
  void own(LogWriter newWriter, LogRecord.EpochBegun term) throws HoldfastException {
    writer = newWriter;
    append(term, NO_DATA);
    append(new LogRecord.Digest(state.digest()), NO_DATA);
  }

  ShardState state() {
    return state;
  }

  Position position() {
    return state.position();
  }

  /// Completes when every record appended so far is in the bucket.
  CompletableFuture<Void> durable() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    long last = state.position().nextRecord() - 1;
    if (last <= durableRecord) {
      done.complete(null);
    } else if (stopped != null) {
      done.completeExceptionally(stoppedWriting(stopped));
    } else {
      waiters.addLast(new Waiter(last, done));
      if (!flushWanted) {
        flushWanted = true;
        flushLater.run();
      }
    }
    return done;
  }

  /// The linger is over: what waits in the open segment goes to the bucket.
  void flush() {
    if (writer == null || stopped != null || !flushWanted) {
      return;
    }
    writer.flush().ifPresent(state::endSegment);
    flushWanted = writer.hasOpenRecords();
  }

  /// A segment is in the bucket, or will never be.
  void stored(SegmentId id, @Nullable HoldfastException failure) {
    if (stopped != null || writer == null) {
      return;
    }
    if (failure != null) {
      stop(failure);
      return;
    }
    for (SegmentHeader header : writer.stored(id)) {
      state.durable(header.id());
      durableRecord = header.entries().getLast().number();
    }
    while (!waiters.isEmpty() && waiters.peekFirst().record <= durableRecord) {
      waiters.removeFirst().done.complete(null);
    }
    runWaiting();
    flush();
  }

  /// Nothing is written from here on. What was not durable fails, and the state goes back to what
  /// is: reads go on, and nobody is shown what may be lost.
  void stop(HoldfastException reason) {
    if (stopped != null) {
      return;
    }
    stopped = reason;
    UnavailableException failure = stoppedWriting(reason);
    waiters.forEach(waiter -> waiter.done.completeExceptionally(failure));
    waiters.clear();
    waiting.forEach(each -> each.done.completeExceptionally(failure));
    waiting.clear();
    state.forgetPending();
    whenStopped.accept(reason);
  }

  /// Appends a record without data; the caller has checked that it fits the state.
  void append(LogRecord item) throws HoldfastException {
    append(item, NO_DATA);
  }

  /// Runs the action once the log has room for its records, behind all that came before it: a
  /// bucket that is slow makes callers wait, and does not turn them away.
  <T> CompletableFuture<T> whenRoom(int dataLength, Action<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    waiting.addLast(new Waiting<>(dataLength, action, done));
    runWaiting();
    return done;
  }

  // Transactions.

  /// Begins the transaction, or resumes it; answers whether it was open already.
  boolean begin(MachineId id, TransactionId transaction, @Nullable TransactionId predecessor)
      throws HoldfastException {
    MachineRow machine = machine(id);
    if (machine.open().id().equals(transaction) && !machine.open().isNone()) {
      return true;
    }
    if (machine.committed().id().equals(transaction)) {
      throw new ConflictException(
          "this backup is committed already: ask for the machine's state and begin another");
    }
    TransactionId expected = machine.committed().id();
    if (!expected.equals(predecessor == null ? Transaction.NONE.id() : predecessor)) {
      throw new ConflictException(
          "the machine's last backup is not the one that this client knows: its local cache is out"
              + " of date and must be brought up to date from the server");
    }
    append(new LogRecord.WriteBegun(id, transaction));
    return false;
  }

  BitSet has(Message.Has request) throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    BitSet there = new BitSet(request.names().size());
    for (int i = 0; i < request.names().size(); i++) {
      BlockName name = request.names().get(i);
      there.set(
          i,
          state.visible(request.machine(), request.blockClass(), name, open.begun()).isPresent());
    }
    return there;
  }

  /// Completes when the block has its place in a segment.
  CompletableFuture<Void> store(Message.Store request, int crc) {
    return whenRoom(
        request.bytes().length(),
        () -> {
          storeNow(request, crc);
          return CompletableFuture.completedFuture(null);
        });
  }

  CompletableFuture<Void> checkpoint(Message.Checkpoint request, long timeMillis)
      throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    checkRoot(request.machine(), request.root(), request.sequence(), open);
    append(
        new LogRecord.Checkpoint(
            request.machine(), open.begun(), request.root(), request.sequence(), timeMillis));
    appendDigest();
    return durable();
  }

  /// Also for a transaction that is committed already: its answer may have been lost.
  CompletableFuture<Void> commit(Message.Commit request, long timeMillis) throws HoldfastException {
    MachineRow machine = machine(request.machine());
    boolean repeated = machine.committed().id().equals(request.transaction());
    if (!repeated) {
      Transaction open = open(request.machine(), request.transaction());
      BlockName root = request.root();
      if (root != null) {
        checkRoot(request.machine(), root, request.sequence(), open);
      }
      append(
          new LogRecord.Committed(
              request.machine(),
              open.begun(),
              root == null ? MachineRow.NO_ROOT : root,
              request.sequence(),
              timeMillis));
      appendDigest();
    }
    return durable();
  }

  CompletableFuture<Void> cancel(MachineId id, TransactionId transaction) throws HoldfastException {
    Transaction open = open(id, transaction);
    append(new LogRecord.Cancelled(id, open.begun()));
    return durable();
  }

  /// Where these blocks lie; those that are not there, or not visible, are left out.
  List<Located> locate(MachineId machine, List<BlockRef> blocks) throws HoldfastException {
    machine(machine);
    List<Located> located = new ArrayList<>(blocks.size());
    for (int i = 0; i < blocks.size(); i++) {
      int index = i;
      BlockRef block = blocks.get(i);
      state
          .visible(machine, block.blockClass(), block.name(), -1)
          .map(row -> new Located(index, block, row.segmentId(number), row))
          .ifPresent(located::add);
    }
    return located;
  }

  /// Completes when a client may be told of these blocks: not before they, and what made them
  /// visible, are durable.
  CompletableFuture<Void> settled(MachineId machine, List<Located> blocks) {
    return blocks.stream().allMatch(block -> state.isDurable(machine, block.row(), number))
        ? CompletableFuture.completedFuture(null)
        : durable();
  }

  /// Completes when everything about the machine is durable.
  CompletableFuture<Void> settled(MachineId machine) {
    return state.isPending(machine) ? durable() : CompletableFuture.completedFuture(null);
  }

  /// What is known of the segment; empty while it is still open.
  Optional<SegmentRow> segment(SegmentId id) {
    return state.segment(id);
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
    if (state.visible(id, BlockClass.ROOT, root, open.begun()).isEmpty()) {
      throw new RefusedException("the archive's root was not stored in this transaction");
    }
    if (!state.mayBecome(id, root, open.begun())) {
      throw new RefusedException("another archive has this root already: begin a new backup");
    }
  }

  private Transaction open(MachineId id, TransactionId transaction) throws HoldfastException {
    Transaction open = machine(id).open();
    if (open.isNone() || !open.id().equals(transaction)) {
      throw new ConflictException(
          "this backup is not the machine's open one any more: another has taken over; start"
              + " again");
    }
    return open;
  }

  private void runWaiting() {
    while (!waiting.isEmpty()) {
      int dataLength = waiting.peekFirst().dataLength();
      if (stopped == null && writer != null && !writer.hasRoom(dataLength)) {
        return;
      }
      waiting.removeFirst().run();
    }
  }

  private void storeNow(Message.Store request, int crc) throws HoldfastException {
    Transaction open = open(request.machine(), request.transaction());
    if (state
        .visible(request.machine(), request.blockClass(), request.name(), open.begun())
        .isPresent()) {
      return;
    }
    append(
        new LogRecord.BlockStored(
            request.machine(),
            open.begun(),
            request.blockClass(),
            request.name(),
            request.bytes().length(),
            crc),
        request.bytes().joined());
  }

  private void append(LogRecord item, ByteBuffer data) throws HoldfastException {
    if (stopped != null) {
      throw stoppedWriting(stopped);
    }
    if (writer == null) {
      throw new UnavailableException(
          "this server serves restores only: try a backup later", 10_000);
    }
    if (!writer.hasRoom(data.remaining())) {
      throw new UnavailableException("the bucket cannot keep up: try again in a moment", 1000);
    }
    writer.roll(data.remaining()).ifPresent(state::endSegment);
    LogEntry entry = writer.append(item, data);
    try {
      state.apply(entry, writer.openSegment());
    } catch (CorruptException e) {
      stop(e);
      throw new IllegalStateException("a record that the shard itself made does not apply", e);
    }
    writer.roll(0).ifPresent(state::endSegment);
  }

  /// Now and then is enough: not where it would have to wait.
  private void appendDigest() throws HoldfastException {
    if (writer != null && writer.hasRoom(0)) {
      append(new LogRecord.Digest(state.digest()));
    }
  }

  private static UnavailableException stoppedWriting(HoldfastException reason) {
    return new UnavailableException(
        "the server has stopped taking backups (" + reason.getMessage() + "); restores go on",
        60_000);
  }

  /// A block and its place. `index` is its place in the request.
  record Located(int index, BlockRef block, SegmentId segment, BlockRow row) {}

  private record Waiter(long record, CompletableFuture<Void> done) {}

  /// Something that appends records, of which one has so many bytes of data at most.
  private record Waiting<T>(int dataLength, Action<T> action, CompletableFuture<T> done) {
    // What the action's future becomes, `done` becomes.
    @SuppressWarnings("FutureReturnValueIgnored")
    void run() {
      try {
        action
            .run()
            .whenComplete((value, failure) -> {
              if (failure == null) {
                done.complete(value);
              } else {
                done.completeExceptionally(failure);
              }
            });
      } catch (HoldfastException e) {
        done.completeExceptionally(e);
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
        throw e;
      }
    }
  }

  /// Appends records, and answers when the caller may be told.
  interface Action<T> {
    CompletableFuture<T> run() throws HoldfastException;
  }
}
