package org.holdfast.protocol;

import java.util.concurrent.atomic.AtomicReference;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;

/// An action that runs after a time unless it is called off before. It runs on a thread of its own.
public final class Deadline {
  private enum State {
    WAITING,
    FIRED,
    OFF
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
  private final Thread thread;

  public Deadline(Clock clock, Spawner spawner, long millis, Runnable action) {
    thread =
        spawner.spawn(
            "deadline",
            () -> {
              try {
                clock.sleepMillis(millis);
              } catch (InterruptedException e) {
                return;
              }
              if (state.compareAndSet(State.WAITING, State.FIRED)) {
                action.run();
              }
            });
  }

  /// Calls the action off. Returns false if it has begun.
  public boolean callOff() {
    boolean off = state.compareAndSet(State.WAITING, State.OFF);
    if (off) {
      thread.interrupt();
    }
    return off;
  }
}
