package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.core.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class GateTest {
  private static final int LATENCY_MILLIS = 100;

  private final TestClock clock = new TestClock();
  private int finished;

  @Test
  void theLimitClimbsWhileMoreComesThrough() throws Exception {
    Gate gate = new Gate(() -> 256, clock);
    run(gate, 128, 120_000, Integer.MAX_VALUE);
    assertThat(gate.limit()).isBetween(100, 200);
  }

  @Test
  void theLimitStaysWhereMoreBringsNothing() throws Exception {
    Gate gate = new Gate(() -> 256, clock);
    run(gate, 16, 120_000, Integer.MAX_VALUE);
    assertThat(gate.limit()).isBetween(12, 26);
  }

  @Test
  void aStoreThatThrottlesIsLeftRoom() throws Exception {
    Gate gate = new Gate(() -> 256, clock);
    run(gate, 128, 60_000, Integer.MAX_VALUE);
    run(gate, 128, 60_000, 20);
    assertThat(gate.limit()).isBetween(Gate.LEAST, 30);
  }

  @Test
  void theLimitKeepsToTheCap() throws Exception {
    Gate gate = new Gate(() -> 40, clock);
    run(gate, 1_000, 120_000, Integer.MAX_VALUE);
    assertThat(gate.limit()).isEqualTo(40);
  }

  /// An operator makes room for others, or has more bandwidth than was thought.
  @Test
  void theCapCanBeLoweredAndRaisedWhileRequestsAreUnderWay() throws Exception {
    AtomicInteger cap = new AtomicInteger(64);
    Gate gate = new Gate(cap::get, clock);
    run(gate, 1_000, 60_000, Integer.MAX_VALUE);
    assertThat(gate.limit()).isEqualTo(64);
    cap.set(8);
    assertThat(gate.limit()).isEqualTo(8);
    assertThat(run(gate, 1_000, 60_000, Integer.MAX_VALUE)).isEqualTo(8);
    cap.set(200);
    run(gate, 1_000, 60_000, Integer.MAX_VALUE);
    assertThat(gate.limit()).isEqualTo(200);
  }

  /// What bounds a recovery's reading from a store that is far away.
  @Test
  void theRateIsTheCapOverTheLatency() throws Exception {
    for (int cap : new int[] {4, 64, 256}) {
      Gate gate = new Gate(() -> cap, clock);
      run(gate, 1_000, 60_000, Integer.MAX_VALUE);
      finished = 0;
      assertThat(run(gate, 1_000, 60_000, Integer.MAX_VALUE)).isEqualTo(cap);
      double aSecond = finished / 60.0;
      assertThat(aSecond)
          .isBetween(0.98 * cap * 1000 / LATENCY_MILLIS, 1.02 * cap * 1000 / LATENCY_MILLIS);
    }
  }

  @Test
  void aGateThatIsNotFullDoesNotGrow() throws Exception {
    Gate gate = new Gate(() -> 256, clock);
    for (int i = 0; i < 1_000; i++) {
      gate.enter();
      clock.pass(LATENCY_MILLIS);
      gate.leave(0, LATENCY_MILLIS * 1_000_000L, true, false);
    }
    assertThat(gate.limit()).isEqualTo(16);
  }

  @Test
  @Timeout(60)
  void whoGivesUpWaitingLeavesItsTurnToTheNext() throws Exception {
    AtomicReference<Runnable> duringLeave = new AtomicReference<>(() -> {});
    Clock calling =
        new Clock() {
          @Override
          public long wallMillis() {
            return 0;
          }

          @Override
          public long nanos() {
            duringLeave.getAndSet(() -> {}).run();
            return 0;
          }

          @Override
          public void sleepMillis(long millis) {}
        };
    Gate gate = new Gate(() -> Gate.LEAST, calling);
    for (int i = 0; i < Gate.LEAST; i++) {
      gate.enter();
    }
    CountDownLatch gaveUp = new CountDownLatch(1);
    Thread waits =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                gate.enter();
              } catch (InterruptedException e) {
                gaveUp.countDown();
              }
            });
    awaitParked(waits);
    // The lock is held here, and may be taken again: what follows comes before the other, who was
    // interrupted, can say that it waits no more.
    duringLeave.set(() -> {
      waits.interrupt();
      awaitParked(waits);
      for (int i = 1; i < Gate.LEAST; i++) {
        gate.leave(0, 0, true, false);
      }
      try {
        gate.enter();
      } catch (InterruptedException e) {
        throw new AssertionError("it waits though all places are free", e);
      }
    });
    gate.leave(0, 0, true, false);
    gaveUp.await();
  }

  private static void awaitParked(Thread thread) {
    while (thread.isInterrupted() || thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  /// A store that works on so many requests at once, each for the same time; the others queue. More
  /// than `tolerated` at once are told to slow down. Somebody always has another request. Answers
  /// how many were under way at once at most.
  private int run(Gate gate, int servers, long millis, int tolerated) throws Exception {
    long end = clock.wallMillis() + millis;
    PriorityQueue<Long> free = new PriorityQueue<>();
    for (int i = 0; i < servers; i++) {
      free.add(clock.wallMillis());
    }
    PriorityQueue<long[]> underWay = new PriorityQueue<>((a, b) -> Long.compare(a[1], b[1]));
    int most = 0;
    while (clock.wallMillis() < end) {
      while (underWay.size() < gate.limit()) {
        gate.enter();
        boolean throttled = underWay.size() >= tolerated;
        long begins = throttled ? clock.wallMillis() : Math.max(clock.wallMillis(), free.poll());
        long ends = begins + (throttled ? 5 : LATENCY_MILLIS);
        if (!throttled) {
          free.add(ends);
        }
        underWay.add(new long[] {clock.wallMillis(), ends, throttled ? 1 : 0});
      }
      most = Math.max(most, underWay.size());
      long[] next = underWay.remove();
      clock.pass(Math.max(0, next[1] - clock.wallMillis()));
      boolean throttled = next[2] == 1;
      gate.leave(0, (next[1] - next[0]) * 1_000_000, !throttled, throttled);
      finished++;
    }
    for (long[] each : underWay) {
      gate.leave(0, LATENCY_MILLIS * 1_000_000L, each[2] == 0, false);
    }
    return most;
  }
}
