package org.holdfast.sim;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// The one thread that runs everything, and the time that everything sees.
///
/// Of all that can go on, chance takes one, lets it run up to where it waits, and takes the next.
/// When nothing can go on, time jumps to what is due next: what waits costs nothing.
///
/// Everything here is called on this thread, also by the virtual threads that it carries.
final class Loop {
  private final SplittableRandom choices;
  private final Trace trace;
  private final List<Step> ready = new ArrayList<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number));
  private long nowNanos;
  private long numbers;
  private long steps;

  Loop(SplittableRandom choices, Trace trace) {
    this.choices = choices;
    this.trace = trace;
  }

  long nowNanos() {
    return nowNanos;
  }

  /// How often something was let go on.
  long steps() {
    return steps;
  }

  Trace trace() {
    return trace;
  }

  /// Runs until `end` holds. Throws [Violation] if nothing is left that could make it hold, or if
  /// it takes too long.
  void run(BooleanSupplier end, long stepsMax) throws Violation {
    long last = steps + stepsMax;
    while (!end.getAsBoolean()) {
      if (ready.isEmpty() && !advance()) {
        throw new Violation("everything waits, and nothing will ever happen");
      }
      if (!ready.isEmpty()) {
        step(ready.remove(choices.nextInt(ready.size())));
      }
      if (steps > last) {
        throw new Violation("it did not end within " + stepsMax + " steps");
      }
    }
  }

  private void step(Step next) {
    if (next.process.isDead()) {
      return;
    }
    if (next.process.isPaused()) {
      next.process.keep(next);
      return;
    }
    steps++;
    trace.step(steps, nowNanos, next.process.name(), next.thread);
    next.rest.run();
  }

  /// Time jumps to what is due next; false if nothing is.
  private boolean advance() {
    Timer next = timers.poll();
    if (next == null) {
      return false;
    }
    nowNanos = Math.max(nowNanos, next.due);
    next.task.run();
    return true;
  }

  /// Does something at a moment, whoever is dead or paused by then.
  void at(long dueNanos, Runnable task) {
    timers.add(new Timer(dueNanos, numbers++, task));
  }

  /// Starts a thread of a process.
  Thread start(SimProcess process, String name, Runnable task) {
    long number = numbers++;
    String label = name + "#" + number;
    Thread thread =
        Threads.unstarted(label, rest -> ready.add(new Step(process, label, rest)), task);
    thread.start();
    return thread;
  }

  /// Takes up again what a paused process could have done.
  void resume(List<Step> kept) {
    ready.addAll(kept);
  }

  /// Lets the calling thread wait until a moment.
  void sleepUntil(long dueNanos) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Thread sleeper = Thread.currentThread();
    Invariant.check(sleeper.isVirtual(), "the loop itself never waits");
    boolean[] isDue = new boolean[1];
    at(
        dueNanos,
        () -> {
          isDue[0] = true;
          LockSupport.unpark(sleeper);
        });
    while (!isDue[0]) {
      LockSupport.park();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /// What a thread of a process can do next.
  record Step(SimProcess process, @Nullable String thread, Runnable rest) {}

  private record Timer(long due, long number, Runnable task) {}
}
