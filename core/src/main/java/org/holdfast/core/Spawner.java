package org.holdfast.core;

/// The one way to start a thread.
public interface Spawner {
  /// Starts a thread that runs the task to its end.
  Thread spawn(String name, Runnable task);

  /// Threads for tasks that wait for something most of their time.
  static Spawner virtual() {
    return (name, task) -> Thread.ofVirtual().name(name).start(task);
  }
}
