package org.holdfast.sim;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Executor;

/// Makes virtual threads that run where we say: their continuations come to an executor of ours.
///
/// The JDK has this inside and does not offer it; the process needs `--add-opens
/// java.base/java.lang=ALL-UNNAMED`. It is what lets the code that ships, which blocks on locks and
/// queues like any other, run on one thread and in an order that a seed decides.
final class Threads {
  static {
    // Else the JDK holds every virtual thread that has not ended, and those of killed processes
    // never do. Read when the first one starts.
    System.setProperty("jdk.trackAllThreads", "false");
  }

  private static final Constructor<?> BUILDER = builder();

  private Threads() {}

  /// A thread that has not started. Whenever it can go on, `executor` is handed what runs it up to
  /// where it waits next.
  static Thread unstarted(String name, Executor executor, Runnable task) {
    try {
      return ((Thread.Builder.OfVirtual) BUILDER.newInstance(executor)).name(name).unstarted(task);
    } catch (InvocationTargetException | InstantiationException | IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Constructor<?> builder() {
    try {
      Constructor<?> found =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      found.setAccessible(true);
      return found;
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException(
          "this JDK does not let virtual threads be scheduled: run on JDK 25 with --add-opens"
              + " java.base/java.lang=ALL-UNNAMED",
          e);
    }
  }
}
