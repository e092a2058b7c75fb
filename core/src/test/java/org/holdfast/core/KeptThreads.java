package org.holdfast.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Virtual threads that a test can wait for.
public final class KeptThreads implements Spawner {
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  @Override
  public Thread spawn(String name, Runnable task) {
    Thread thread = Spawner.virtual().spawn(name, task);
    threads.add(thread);
    return thread;
  }

  /// Waits until those have ended whose names begin so, and those that they have started.
  public void await(String prefix) throws InterruptedException {
    for (int i = 0; i < threads.size(); i++) {
      if (threads.get(i).getName().startsWith(prefix)) {
        threads.get(i).join();
      }
    }
  }
}
