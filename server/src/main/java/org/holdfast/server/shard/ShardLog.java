package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// The writing side of a shard: appends records and applies them to the state, and knows who waits
/// for room in the log and who for what to be durable.
///
/// - *Stalled*: the bucket takes no segment at the moment. Who waits fails with the reason, nothing
///   is appended, and the next segment that is stored ends it.
/// - *Stopped*: the log cannot be written any more. The same, for good, and the state goes back to
///   what is durable.
///
/// - *Refusing*: an object of the log is lost or damaged, or the local disk is nearly full. Nothing
///   is appended until that is over, but what was appended before still becomes durable.
///
/// In all of them reads go on. Whoever waits here is always answered.
///
/// Not thread-safe: the owner's loop calls every method.
final class ShardLog {
  /// About what a record's metadata take, in bytes.
  private static final int RECORD_LENGTH = 128;

  private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0);

  private final ShardState state;
  private final RecentDigests digests;
  private final Supplier<Optional<HoldfastException>> obstacle;
  private final Runnable flushLater;
  private final Consumer<HoldfastException> whenStopped;
  private final Deque<Durable> waiters = new ArrayDeque<>();
  private final Turns<Waiting<?>> waiting = new Turns<>();
  private final LastRecords last = new LastRecords();
  private @Nullable LogWriter writer;
  private @Nullable HoldfastException stopped;
  private @Nullable HoldfastException stalled;
  private long durableRecord;
  private boolean flushWanted;

  /// Without a writer until [#own]. `obstacle` says why nothing is appended although the log could
  /// be written. `flushLater` asks for a call of [#flush] after the linger; `whenStopped` hears
  /// once why the log cannot be written any more.
  ShardLog(
      int shard,
      ShardState state,
      Supplier<Optional<HoldfastException>> obstacle,
      Runnable flushLater,
      Consumer<HoldfastException> whenStopped) {
    this.state = state;
    this.obstacle = obstacle;
    this.flushLater = flushLater;
    this.whenStopped = whenStopped;
    this.durableRecord = state.position().nextRecord() - 1;
    this.digests = new RecentDigests(shard);
    digests.add(state.position());
  }

  /// From here on records are appended: first that a term has begun, whatever is damaged.
  void own(LogWriter newWriter, LogRecord.EpochBegun term) throws HoldfastException {
    writer = newWriter;
    appendAlways(term, NO_DATA);
    appendAlways(new LogRecord.Digest(state.digest()), NO_DATA);
  }

  /// Completes when every record appended so far is in the bucket.
  CompletableFuture<Void> durable() {
    long last = state.position().nextRecord() - 1;
    if (last <= durableRecord) {
      return CompletableFuture.completedFuture(null);
    }
    if (isHeldUp()) {
      return CompletableFuture.failedFuture(heldUp());
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    waiters.addLast(new Durable(last, done));
    if (!flushWanted) {
      flushWanted = true;
      flushLater.run();
    }
    return done;
  }

  /// Whether nothing becomes durable at the moment, or ever.
  boolean isHeldUp() {
    return stopped != null || stalled != null;
  }

  /// Where the seal is of whoever has taken the log over, also while nothing is put any more.
  List<SegmentId> unstored() {
    return writer == null ? List.of() : writer.unstored();
  }

  /// The linger is over: what waits in the open segment goes to the bucket.
  void flush() {
    if (writer == null || stopped != null || !flushWanted) {
      return;
    }
    writer.flush().ifPresent(this::ended);
    flushWanted = writer.hasOpenRecords();
  }

  /// A segment is in the bucket.
  void stored(SegmentId id) {
    if (stopped != null || writer == null) {
      return;
    }
    stalled = null;
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

  /// The bucket takes no segment at the moment.
  void stall(HoldfastException reason) {
    if (stopped == null) {
      stalled = reason;
      failAll(heldUp());
    }
  }

  /// Another owner has written this segment, and it is in the bucket. One that does not fit changes
  /// nothing. Answers the position behind it.
  Position follow(SegmentHeader header) throws CorruptException, UnavailableException {
    checkGoesOn();
    boolean isDone = false;
    try {
      for (LogEntry entry : header.entries()) {
        state.apply(entry, header.id());
      }
      ended(header);
      state.durable(header.id());
      isDone = true;
    } finally {
      if (!isDone) {
        state.forgetPending();
      }
    }
    durableRecord = state.position().nextRecord() - 1;
    return state.position();
  }

  /// Nothing is written from here on. What was not durable fails, and the state goes back to what
  /// is: reads go on, and nobody is shown what may be lost.
  void stop(HoldfastException reason) {
    if (stopped != null) {
      return;
    }
    stopped = reason;
    try {
      failAll(heldUp());
      state.forgetPending();
    } finally {
      whenStopped.accept(reason);
    }
  }

  /// Something has come in the way: who waits for room is told.
  void obstructed() {
    try {
      checkTakes();
    } catch (HoldfastException e) {
      fail(allWaiting(), e);
    }
  }

  /// Throws if nothing is appended because something is in the way.
  void checkTakes() throws HoldfastException {
    Optional<HoldfastException> reason = obstacle.get();
    if (reason.isPresent()) {
      throw reason.get();
    }
  }

  /// Throws if the log cannot be written any more.
  void checkGoesOn() throws UnavailableException {
    if (stopped != null) {
      throw heldUp();
    }
  }

  /// Why no backups are taken at the moment; empty if they are.
  Optional<String> obstacle() {
    if (isHeldUp()) {
      return Optional.of(String.valueOf(heldUp().getMessage()));
    }
    return obstacle
        .get()
        .or(() -> writer == null ? Optional.of(readsOnly()) : Optional.empty())
        .map(reason -> String.valueOf(reason.getMessage()));
  }

  /// No method is called any more after this one: who still waits is told that the server stops.
  void end() {
    failAll(ShardLoop.stopped());
  }

  /// Runs the action once the log has room for its records, behind all of its kind that came before
  /// it: a bucket that is slow makes callers wait, and does not turn them away. Where `gone` says
  /// so, the caller needs no answer any more, and the action does not run.
  <T> CompletableFuture<T> whenRoom(int dataLength, BooleanSupplier gone, Action<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    waiting.addClient(new Waiting<>(dataLength, gone, action, done), dataLength + RECORD_LENGTH);
    runWaiting();
    return done;
  }

  /// As [#whenRoom], for background work that appends some `bytes` in all: behind clients, but for
  /// its floor.
  <T> CompletableFuture<T> whenTurn(
      int dataLength, long bytes, BooleanSupplier gone, Action<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    waiting.addBackground(new Waiting<>(dataLength, gone, action, done), bytes);
    runWaiting();
    return done;
  }

  /// Who waits, and what is held in memory until it is durable.
  LogQueues queues() {
    LogWriter writing = writer;
    return new LogQueues(
        waiting.clients(),
        waiting.background(),
        waiters.size(),
        writing == null ? 0 : writing.inFlight(),
        writing == null ? 0 : writing.heldBytes());
  }

  /// What is known, for a report of what should not be possible.
  String seen() {
    return "position %s%nwaiting  %d for what is durable, %d for room%nlast records%n%s"
        .formatted(
            state.position(),
            waiters.size(),
            waiting.clients() + waiting.background(),
            last.lines());
  }

  /// What the state was at the ends of the last segments, whether they are durable or not.
  RecentDigests digests() {
    return digests;
  }

  /// Whether a client waits for room. Any thread.
  boolean clientsWait() {
    return waiting.clientsWait();
  }

  /// Whether a record without data can be appended at once.
  boolean hasRoom() {
    return hasRoom(0);
  }

  /// Whether a record with so many bytes of data can be.
  boolean hasRoom(int dataLength) {
    return !isHeldUp() && writer != null && writer.hasRoom(dataLength);
  }

  /// Drops what waits for room for callers that are gone.
  void dropGone() {
    waiting
        .remove(each -> each.gone.getAsBoolean())
        .forEach(each -> each.done.completeExceptionally(callerGone()));
  }

  /// Appends a record without data; the caller has checked that it fits the state.
  void append(LogRecord item) throws HoldfastException {
    append(item, NO_DATA);
  }

  void append(LogRecord item, ByteBuffer data) throws HoldfastException {
    if (!isHeldUp()) {
      checkTakes();
    }
    appendAlways(item, data);
  }

  private void appendAlways(LogRecord item, ByteBuffer data) throws HoldfastException {
    if (isHeldUp()) {
      throw heldUp();
    }
    if (writer == null) {
      throw readsOnly();
    }
    if (!writer.hasRoom(data.remaining())) {
      throw new UnavailableException("the bucket cannot keep up: try again in a moment", 1000);
    }
    writer.roll(data.remaining()).ifPresent(this::ended);
    LogEntry entry = writer.append(item, data);
    last.add(entry);
    try {
      state.apply(entry, writer.openSegment());
    } catch (CorruptException e) {
      stop(e);
      throw new IllegalStateException("a record that the shard itself made does not apply", e);
    }
    writer.roll(0).ifPresent(this::ended);
  }

  private void ended(SegmentHeader header) {
    state.endSegment(header);
    digests.add(state.position());
  }

  /// Now and then is enough: not where it would have to wait.
  void appendDigest() throws HoldfastException {
    if (writer != null && writer.hasRoom(0)) {
      append(new LogRecord.Digest(state.digest()));
    }
  }

  private void runWaiting() {
    for (var next = waiting.next(); next.isPresent(); next = waiting.next()) {
      if (!isHeldUp() && writer != null && !writer.hasRoom(next.get().dataLength())) {
        return;
      }
      waiting.take();
      next.get().run();
    }
  }

  private void failAll(UnavailableException failure) {
    List<CompletableFuture<?>> all = new ArrayList<>();
    waiters.forEach(each -> all.add(each.done));
    waiters.clear();
    all.addAll(allWaiting());
    fail(all, failure);
  }

  private List<CompletableFuture<?>> allWaiting() {
    List<CompletableFuture<?>> all = new ArrayList<>();
    waiting.remove(_ -> true).forEach(each -> all.add(each.done));
    return all;
  }

  private static void fail(List<? extends CompletableFuture<?>> all, HoldfastException failure) {
    all.forEach(each -> each.completeExceptionally(failure));
  }

  private UnavailableException heldUp() {
    if (stopped != null) {
      return new UnavailableException(
          "the server has stopped taking backups (" + stopped.getMessage() + "); restores go on",
          60_000);
    }
    String reason = stalled == null ? "" : " (" + stalled.getMessage() + ")";
    return new UnavailableException(
        "the server cannot store anything at the moment" + reason + "; restores go on", 20_000);
  }

  private static UnavailableException readsOnly() {
    return new UnavailableException("this server serves restores only: try a backup later", 10_000);
  }

  private static UnavailableException callerGone() {
    return new UnavailableException("whoever asked for this is gone");
  }

  private record Durable(long record, CompletableFuture<Void> done) {}

  /// Something that appends records, of which one has so many bytes of data at most.
  private record Waiting<T>(
      int dataLength, BooleanSupplier gone, Action<T> action, CompletableFuture<T> done) {
    // What the action's future becomes, `done` becomes.
    @SuppressWarnings("FutureReturnValueIgnored")
    void run() {
      if (gone.getAsBoolean()) {
        done.completeExceptionally(callerGone());
        return;
      }
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
      } catch (Throwable e) {
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
