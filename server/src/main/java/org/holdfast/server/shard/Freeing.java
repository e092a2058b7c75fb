package org.holdfast.server.shard;

import java.util.HashSet;
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
/// Its batches wait for room in the log behind everybody else, and a round ends by the failure that
/// whoever writes gets: while something is damaged, or the log is held up, nothing is freed.
///
/// Any thread; rounds run one after the other.
public final class Freeing {
  /// Between batches: about as long as one takes, so that clients have the owner for themselves
  /// half of the time at least.
  private static final long PAUSE_MILLIS = 10;

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
  private volatile boolean wanted;
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

  /// Whether a transaction has ended since the last round began so that it may have left garbage.
  boolean isWanted() {
    return wanted;
  }

  /// A round that runs ends soon.
  void stop() {
    stopped = true;
  }

  /// Frees all that may be freed.
  public synchronized void round() throws HoldfastException {
    wanted = false;
    expire();
    Map<MachineId, Set<BegunTransaction>> garbage = new TreeMap<>();
    for (BegunTransaction each : service.durable(rows -> rows.garbage())) {
      garbage.computeIfAbsent(each.machine(), _ -> new HashSet<>()).add(each);
    }
    for (Map.Entry<MachineId, Set<BegunTransaction>> machine : garbage.entrySet()) {
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
      expired +=
          service.whenRoom(() ->
              CompletableFuture.completedFuture(
                  isKept(machine) ? 0 : deletes.expire(machine, now.getAsLong())));
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
      GarbagePage page = service.durable(rows -> rows.garbage(machine, from));
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
      Deletes.Freed freed =
          service.whenRoom(() -> CompletableFuture.completedFuture(deletes.free(machine, batch)));
      done += freed.done();
      freedBlocks.addAndGet(freed.blocks());
      freedBytes.addAndGet(freed.bytes());
      foundBlocks.addAndGet(-freed.done());
      foundBytes.addAndGet(-batch.stream().limit(freed.done()).mapToLong(Garbage::length).sum());
      pause();
    }
  }

  private void pause() throws HoldfastException {
    try {
      clock.sleepMillis(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ShardLoop.stopped();
    }
  }

  private void clear(Set<BegunTransaction> transactions) throws HoldfastException {
    for (BegunTransaction each : transactions) {
      service.whenRoom(() -> {
        deletes.clear(each);
        return CompletableFuture.completedFuture(null);
      });
    }
    service.awaitDurable();
  }

  /// Blocks and bytes.
  public record Progress(long freedBlocks, long freedBytes, long foundBlocks, long foundBytes) {}
}
