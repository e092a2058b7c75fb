package org.holdfast.bucket;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.holdfast.core.Clock;

/// How many requests may be under way at once: found by climbing, for no two stores and no two
/// lines bear the same (`docs/buckets.md`, "Around it").
///
/// Work is looked at in windows. More is tried while the gate was full, and kept while more comes
/// through for it. Whoever runs the service sets a cap, which may change while requests are under
/// way: one that is lower holds from then on for whoever comes, one that is higher is climbed to.
///
/// Safe for use by many threads.
final class Gate {
  static final int LEAST = 4;
  private static final int FIRST = 16;
  private static final long WINDOW_NANOS = 500_000_000;
  private static final double GROWTH = 1.25;
  private static final double GAIN = 1.03;
  private static final double THROTTLED = 0.7;
  private static final double SLOWER = 0.9;
  private static final int REST_WINDOWS = 8;

  /// A request is as much work as so many bytes.
  private static final double REQUEST_BYTES = 64 << 10;

  private final Clock clock;
  private final IntSupplier most;

  /// Guards all that follows.
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition turn = lock.newCondition();
  private double limit;
  private int underWay;
  private int waiting;

  private long windowBegan;
  private int finished;
  private double work;
  private long latencySum;
  private boolean wasFull;
  private boolean wasThrottled;

  private double lastRate;
  private double leastLatency = Double.MAX_VALUE;
  private boolean grew;
  private double limitBefore;
  private int rest;

  /// `most` is the cap; fewer than [#LEAST] are not asked for.
  Gate(IntSupplier most, Clock clock) {
    this.most = most;
    this.limit = Math.min(FIRST, most());
    this.limitBefore = limit;
    this.clock = clock;
    this.windowBegan = clock.nanos();
  }

  private int most() {
    return Math.max(most.getAsInt(), LEAST);
  }

  /// What was found good, as far as the cap goes.
  private int places() {
    return Math.min((int) limit, most());
  }

  /// Waits for a turn; turns come in the order in which they were asked for.
  void enter() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (waiting > 0 || underWay >= places()) {
        awaitTurn();
      }
      underWay++;
      wasFull |= underWay >= places();
      letNextIn();
    } finally {
      lock.unlock();
    }
  }

  private void awaitTurn() throws InterruptedException {
    waiting++;
    try {
      do {
        turn.await();
      } while (underWay >= places());
    } catch (InterruptedException e) {
      // Who came meanwhile counted on this one to let the next in.
      waiting--;
      letNextIn();
      throw e;
    }
    waiting--;
  }

  /// Wakes one, who wakes the next: with hundreds waiting, to wake all for each place costs more
  /// than the requests.
  private void letNextIn() {
    if (waiting > 0 && underWay < places()) {
      turn.signal();
    }
  }

  /// @param bytes that came through; 0 for a request that failed
  void leave(long bytes, long latencyNanos, boolean succeeded, boolean throttled) {
    lock.lock();
    try {
      underWay--;
      finished++;
      latencySum += latencyNanos;
      work += succeeded ? REQUEST_BYTES + bytes : 0;
      wasThrottled |= throttled;
      long now = clock.nanos();
      if (finished >= places() && now - windowBegan >= WINDOW_NANOS) {
        adjust(now);
      }
      letNextIn();
    } finally {
      lock.unlock();
    }
  }

  /// Who waits need not wait until another request ends.
  void capChanged() {
    lock.lock();
    try {
      letNextIn();
    } finally {
      lock.unlock();
    }
  }

  int limit() {
    lock.lock();
    try {
      return places();
    } finally {
      lock.unlock();
    }
  }

  private void adjust(long now) {
    double rate = work * 1e9 / (now - windowBegan);
    double latency = (double) latencySum / finished;
    leastLatency = Math.min(leastLatency * 1.01, latency);
    boolean gained = rate > lastRate * GAIN;
    if (wasThrottled) {
      become(limit * THROTTLED, false);
      rest = REST_WINDOWS;
    } else if (grew && !gained) {
      // What was tried last brought nothing.
      become(latency > 2 * leastLatency ? limitBefore * SLOWER : limitBefore, false);
      rest = REST_WINDOWS;
    } else if (rest > 0) {
      rest--;
      grew = false;
    } else if (wasFull) {
      become(Math.max(limit * GROWTH, limit + 1), true);
    } else {
      grew = false;
    }
    lastRate = rate;
    windowBegan = now;
    finished = 0;
    work = 0;
    latencySum = 0;
    wasFull = underWay >= places();
    wasThrottled = false;
  }

  private void become(double next, boolean up) {
    limitBefore = limit;
    limit = Math.clamp(next, LEAST, most());
    grew = up && limit > limitBefore;
  }
}
