package org.holdfast.sim;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// The one thread that runs everything, and the time that everything sees.
///
/// Of all that can go on, chance takes one, lets it run up to where it waits, and takes the next.
/// When nothing can go on, time jumps to what is due next: what waits costs nothing.
///
/// Chance gives each step a rank, and the lowest goes first. The rank follows from the thread's
/// name and the number of its steps: a run that differs in one thread keeps the order of the
/// others.
///
/// Everything here is called on this thread, also by the virtual threads that it carries.
final class Loop {
  private final long seed;
  private final Trace trace;
  private final PriorityQueue<Step> ready =
      new PriorityQueue<>(Comparator.comparingLong(Step::rank).thenComparingLong(Step::number));
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number));
  private final PriorityQueue<Timer> atSteps =
      new PriorityQueue<>(Comparator.comparingLong(Timer::due).thenComparingLong(Timer::number));
  private final Map<String, Integer> lives = new HashMap<>();
  private @Nullable Thread carrier;
  private volatile @Nullable String foreign;
  private @Nullable Violation defect;
  private long nowNanos;
  private long numbers;
  private long steps;

  Loop(Chance chance, Trace trace) {
    this.seed = chance.stream("order").nextLong();
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

  /// How many processes of this name there were, with the next one.
  int nextLife(String process) {
    return lives.merge(process, 1, Integer::sum);
  }

  /// Runs until `end` holds. Throws [Violation] if nothing is left that could make it hold, if it
  /// takes too many steps or too long, or if a thread ends with what nobody caught.
  void run(BooleanSupplier end, long stepsMax, long nanosMax) throws Violation {
    long last = steps + stepsMax;
    long latest = nowNanos + nanosMax;
    carrier = Thread.currentThread();
    while (!end.getAsBoolean()) {
      if (ready.isEmpty() && !advance()) {
        throw new Violation("everything waits, and nothing will ever happen");
      }
      Step next = ready.poll();
      if (next != null) {
        step(next);
      }
      if (foreign != null) {
        throw new Violation(foreign + " waits for a monitor: such a run cannot be repeated");
      }
      if (defect != null) {
        throw defect;
      }
      if (steps > last) {
        throw new Violation("it did not end within " + stepsMax + " steps");
      }
      if (nowNanos > latest) {
        throw new Violation("it did not end within " + nanosMax / 1_000_000_000 + " s");
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
    while (!atSteps.isEmpty() && atSteps.peek().due <= steps) {
      atSteps.remove().task.run();
    }
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

  /// Does something after so many more steps, in the middle of whatever is under way then.
  void afterSteps(int more, Runnable task) {
    atSteps.add(new Timer(steps + more, numbers++, task));
  }

  /// Starts a thread of a process.
  Thread start(SimProcess process, String name, Runnable task) {
    String label = name + "#" + process.number(name);
    Lane lane = new Lane(process, label, Chance.mix(seed, process.name().hashCode()));
    Thread thread =
        Threads.unstarted(label, rest -> enqueue(lane.step(rest)), () -> run(process, label, task));
    thread.start();
    return thread;
  }

  private void run(SimProcess process, String label, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      tell(new Violation(process.name() + "'s " + label + " has met a defect", e));
    }
  }

  /// A promise is broken, found by somebody who has nobody to tell.
  void tell(Violation found) {
    defect = found;
  }

  /// Threads that wait for a monitor are woken by one of the JDK's own threads, whenever it comes
  /// to it: no run with that can be repeated, so nothing here may wait in `synchronized`.
  private void enqueue(Step step) {
    Thread waker = Thread.currentThread();
    if (carrier != null && !waker.equals(carrier) && !waker.isVirtual()) {
      foreign = step.process.name() + "'s " + step.thread;
    }
    ready.add(step);
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

  /// A thread of a process.
  private final class Lane {
    private final SimProcess process;
    private final String label;
    private long last;

    Lane(SimProcess process, String label, long seed) {
      this.process = process;
      this.label = label;
      this.last = Chance.mix(seed, label.hashCode());
    }

    Step step(Runnable rest) {
      last = Chance.mix(last, 1);
      return new Step(last, numbers++, process, label, rest);
    }
  }

  /// What a thread of a process can do next.
  record Step(long rank, long number, SimProcess process, String thread, Runnable rest) {}

  private record Timer(long due, long number, Runnable task) {}
}
