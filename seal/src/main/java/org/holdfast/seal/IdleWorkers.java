package org.holdfast.seal;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.holdfast.core.Invariant;

/// Workers that are dear to make and serve one thread at a time: each is given back for the next.
/// There are as many as threads have worked at once. One that is given back after the end is freed
/// at once. Any thread.
final class IdleWorkers<W> implements AutoCloseable {
  private final Supplier<W> make;
  private final Consumer<W> free;
  private final ConcurrentLinkedQueue<W> idle = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  IdleWorkers(Supplier<W> make, Consumer<W> free) {
    this.make = make;
    this.free = free;
  }

  W take() {
    Invariant.check(!closed.get(), "nobody works after the end");
    W worker = idle.poll();
    return worker == null ? make.get() : worker;
  }

  void giveBack(W worker) {
    idle.offer(worker);
    if (closed.get()) {
      freeIdle();
    }
  }

  /// Frees those that are idle; the others when they are given back.
  @Override
  public void close() {
    closed.set(true);
    freeIdle();
  }

  private void freeIdle() {
    for (W worker = idle.poll(); worker != null; worker = idle.poll()) {
      free.accept(worker);
    }
  }
}
