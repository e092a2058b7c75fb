package org.holdfast.server;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;

/// Where servers run one step at a time: all their threads rest, at a bucket call or waiting for
/// each other, until the test lets one call go on.
///
/// So that a run depends on its seed, calls are told apart by what they are and not by when they
/// came.
final class Stage {
  private static final int QUIET_LOOKS = 8;
  private static final int SPINS = 200;

  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final List<StagedCall> calls = new ArrayList<>();
  private volatile long time;
  private volatile boolean over;

  /// How threads of this stage are started.
  Spawner spawner() {
    return (name, task) -> {
      Thread thread = Thread.ofVirtual().name(name).unstarted(task);
      threads.add(thread);
      thread.start();
      return thread;
    };
  }

  /// Makes the call when its turn comes. A server's thread waits here.
  Object call(StagedCall call) throws HoldfastException {
    synchronized (calls) {
      call.arrivedAt = time;
      calls.add(call);
      if (over) {
        call.fail("the test is over");
      }
    }
    return call.await();
  }

  /// How many steps there have been.
  long time() {
    return time;
  }

  void tick() {
    time++;
  }

  /// Returns when no thread can go on by itself. Looked at several times, since one may wake
  /// another that was looked at before it, and that one a third: each look can miss one of them.
  void settle() {
    int spins = 0;
    for (int quiet = 0; quiet < QUIET_LOOKS; ) {
      if (isQuiet()) {
        quiet++;
        continue;
      }
      quiet = 0;
      // On a busy machine whoever yields waits for its turn longer than the others need.
      if (++spins % SPINS == 0) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private boolean isQuiet() {
    for (Thread thread : threads) {
      switch (thread.getState()) {
        case TERMINATED -> threads.remove(thread);
        case WAITING -> {}
        default -> {
          return false;
        }
      }
    }
    return true;
  }

  /// The calls that are not answered yet, in an order of their own.
  List<StagedCall> calls() {
    synchronized (calls) {
      calls.removeIf(StagedCall::isAnswered);
      return calls.stream()
          .sorted(
              Comparator.comparing((StagedCall call) -> call.who.name())
                  .thenComparing(call -> call.step)
                  .thenComparing(call -> call.key)
                  .thenComparing(call -> call.arrivedAt))
          .toList();
    }
  }

  /// Fails every call from here on, so that all threads end.
  void end() {
    synchronized (calls) {
      over = true;
      calls.forEach(call -> call.fail("the test is over"));
    }
  }
}
