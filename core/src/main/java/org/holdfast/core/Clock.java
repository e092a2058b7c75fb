package org.holdfast.core;

/// The one source of time and of waiting.
public interface Clock {
  /// Milliseconds since 1970-01-01 UTC. May jump.
  long wallMillis();

  /// Nanoseconds since some fixed moment. Never goes back.
  long nanos();

  /// Waits. Throws [InterruptedException] if the thread is interrupted before or during the wait.
  void sleepMillis(long millis) throws InterruptedException;
}
