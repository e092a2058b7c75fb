package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.server.state.DurableState.BegunTransaction;
import org.holdfast.server.state.DurableState.Garbage;
import org.holdfast.server.state.DurableState.GarbagePage;

/// Finds what nobody will see again and writes that it is freed (`docs/format.md`, "Deleting").
///
/// A round ends deletions whose time is over by [ExpiryClock] and forgets undone ones, then goes
/// through the rows of every machine that has a cancelled write transaction or an expired deletion,
/// until a pass finds nothing any more; then it clears them. What it finds is durable, and the
/// owner looks at each copy again before the record is written. It keeps nothing on disk and may
/// end at any moment: the next round begins anew. A pass that follows one which freed something
/// sees what has moved between rows meanwhile.
///
/// Its batches take their turn behind clients ([Pacer]), and a round ends by the failure that
/// whoever writes gets: while something is damaged, or the log is held up, nothing is freed. Its
/// lists are bounded, and leased from the memory of background work.
///
/// Any thread; rounds run one after the other.
public final class Freeing implements BackgroundTimer.Rounds {
  /// About what a record that says something is freed takes, in bytes.
  private static final int RECORD_LENGTH = 80;

  /// Transactions that are looked at in one round; others wait for the next.
  private static final int TRANSACTIONS_MAX = 10_000;

  /// What a page of rows, and the list of transactions, hold in memory, in bytes: some 300 a row
  /// and a transaction, rounded up.
  private static final long MEMORY_LENGTH = 4 << 20;

  /// So late an expired deletion is noticed at most.
  private static final long PAUSE_MILLIS = 10 * 60_000;

  /// A backup that begins again and again does not cause more scans than this.
  private static final long LOOK_MILLIS = 30_000;

  /// How long who was told to come back has to do so.
  private static final long KEPT_MILLIS = 3_600_000;

  private final ShardService service;
  private final Deletes deletes;
  private final Clock clock;
  private final AtomicLong freedBlocks = new AtomicLong();
  private final AtomicLong freedBytes = new AtomicLong();
  private final AtomicLong foundBlocks = new AtomicLong();
  private final AtomicLong foundBytes = new AtomicLong();
  private final ExpiryClock expiry;
  private final Map<MachineId, Long> keptUntilNanos = new ConcurrentHashMap<>();
  private volatile boolean wanted = true;
  private volatile boolean stopped;

  Freeing(ShardService service, Deletes deletes, Clock clock) {
    this.service = service;
    this.deletes = deletes;
    this.clock = clock;
    this.expiry = new ExpiryClock(clock);
  }

  /// No deletion ends in the first `millis` of this process, nor so long after a jump.
  public void settle(long millis) {
    expiry.settle(millis);
  }

  /// What this process has started from.
  public void compare(ShardStart start) {
    expiry.compare(start::newestMillis);
  }

  /// Whether no deletion ends at the moment.
  public ExpiryClock.Held held() {
    return expiry.held();
  }

  /// Somebody wants a deletion of the machine undone: none of them ends until that is done, or for
  /// [#KEPT_MILLIS] if it cannot be done now.
  void keep(MachineId machine) {
    long nowNanos = clock.nanos();
    keptUntilNanos.values().removeIf(until -> until <= nowNanos);
    keptUntilNanos.put(machine, nowNanos + KEPT_MILLIS * 1_000_000);
  }

  /// It was done.
  void kept(MachineId machine) {
    keptUntilNanos.remove(machine);
  }

  /// There may be something to free.
  void want() {
    wanted = true;
  }

  @Override
  public boolean isDue(long sinceMillis) {
    return wanted || sinceMillis >= PAUSE_MILLIS;
  }

  @Override
  public long pauseMillis() {
    return LOOK_MILLIS;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  /// Frees all that may be freed; of very much, a part, and the rest when it is due again.
  @Override
  public synchronized boolean round() throws HoldfastException {
    wanted = false;
    try (var _ = service.memory().lease(BackgroundJob.FREEING, MEMORY_LENGTH, () -> stopped)) {
      free();
    } catch (HoldfastException e) {
      service.pacer().failed(BackgroundJob.FREEING, e);
      throw e;
    }
    service.memory().checkReturned(BackgroundJob.FREEING);
    service.pacer().ended(BackgroundJob.FREEING);
    return false;
  }

  private void free() throws HoldfastException {
    expire();
    List<BegunTransaction> found = service.durable(rows -> rows.garbage(TRANSACTIONS_MAX));
    wanted |= found.size() == TRANSACTIONS_MAX;
    Map<MachineId, List<BegunTransaction>> garbage = new TreeMap<>();
    for (BegunTransaction each : found) {
      garbage.computeIfAbsent(each.machine(), _ -> new ArrayList<>()).add(each);
    }
    for (Map.Entry<MachineId, List<BegunTransaction>> machine : garbage.entrySet()) {
      boolean isLeft = true;
      while (isLeft && !stopped) {
        isLeft = pass(machine.getKey());
        service.awaitDurable();
      }
      if (!stopped) {
        clear(machine.getValue());
      }
    }
  }

  /// What was freed since the start, and what was found and is not freed yet.
  public Progress progress() {
    return new Progress(freedBlocks.get(), freedBytes.get(), foundBlocks.get(), foundBytes.get());
  }

  private void expire() throws HoldfastException {
    long wallMillis = clock.wallMillis();
    Set<MachineId> machines = service.durable(rows -> rows.due(wallMillis));
    if (machines.isEmpty()) {
      return;
    }
    OptionalLong now = expiry.now();
    if (now.isEmpty()) {
      return;
    }
    int expired = 0;
    for (MachineId machine : machines) {
      expired += append(1, () -> isKept(machine) ? 0 : deletes.expire(machine, now.getAsLong()));
    }
    if (expired > 0) {
      service.awaitDurable();
    }
  }

  private boolean isKept(MachineId machine) {
    Long until = keptUntilNanos.get(machine);
    return until != null && clock.nanos() < until;
  }

  /// Looks at each row of the machine once; answers whether something was found.
  private boolean pass(MachineId machine) throws HoldfastException {
    boolean found = false;
    Optional<Bytes> after = Optional.empty();
    do {
      Optional<Bytes> from = after;
      GarbagePage page =
          service
              .pacer()
              .run(
                  BackgroundJob.FREEING,
                  () -> service.durable(rows -> rows.garbage(machine, from)));
      found |= !page.found().isEmpty();
      free(machine, page.found());
      after = page.next();
    } while (after.isPresent() && !stopped);
    return found;
  }

  private void free(MachineId machine, List<Garbage> copies) throws HoldfastException {
    long bytes = copies.stream().mapToLong(Garbage::length).sum();
    foundBlocks.set(copies.size());
    foundBytes.set(bytes);
    int done = 0;
    while (done < copies.size() && !stopped) {
      List<Garbage> batch =
          copies.subList(done, Math.min(done + DeleteService.BATCH, copies.size()));
      Deletes.Freed freed = append(batch.size(), () -> deletes.free(machine, batch));
      done += freed.done();
      freedBlocks.addAndGet(freed.blocks());
      freedBytes.addAndGet(freed.bytes());
      foundBlocks.addAndGet(-freed.done());
      foundBytes.addAndGet(-batch.stream().limit(freed.done()).mapToLong(Garbage::length).sum());
    }
  }

  private void clear(List<BegunTransaction> transactions) throws HoldfastException {
    int done = 0;
    while (done < transactions.size() && !stopped) {
      List<BegunTransaction> batch =
          transactions.subList(done, Math.min(done + DeleteService.BATCH, transactions.size()));
      done += append(batch.size(), () -> deletes.clear(batch));
    }
    service.awaitDurable();
  }

  private <T> T append(int records, ShardLoop.Event<T> event) throws HoldfastException {
    return service
        .pacer()
        .append(
            BackgroundJob.FREEING,
            0,
            (long) records * RECORD_LENGTH,
            () -> CompletableFuture.completedFuture(event.run()));
  }

  /// Blocks and bytes.
  public record Progress(long freedBlocks, long freedBytes, long foundBlocks, long foundBytes) {}
}
