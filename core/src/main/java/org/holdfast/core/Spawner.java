package org.holdfast.core;

/// The one way to start a thread.
public interface Spawner {
  /// Starts a thread that runs the task to its end.
  Thread spawn(String name, Runnable task);

  /// Threads for tasks that wait for something most of their time.
  static Spawner virtual() {
    return (name, task) -> Thread.ofVirtual().name(name).start(task);
  }

  /// Threads for tasks that spend their time in calls to the system, which would hold up a virtual
  /// thread's carrier. They do not keep the process alive.
  static Spawner platform() {
    return (name, task) -> Thread.ofPlatform().daemon().name(name).start(task);
  }
}
