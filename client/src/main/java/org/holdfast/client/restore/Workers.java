package org.holdfast.client.restore;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.holdfast.client.tree.FileAccessException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;

/// Threads that open blocks and write files.
///
/// - What waits or is worked on is bounded in bytes, and what waits in jobs; whoever brings more
///   waits.
/// - The first job that fails, by whatever it throws, stops all: the others are dropped, and every
///   call throws that failure.
/// - A worker that ends before its time stops all too, so that nobody waits for its job.
/// - [#close] returns when no job runs any more.
///
/// Any thread submits, one waits and closes.
final class Workers implements AutoCloseable {
  static final long BYTES_MAX = 8 << 20;
  private static final int WAITING_JOBS_MAX = 128;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  /// Of jobs that wait or run.
  private long bytes;

  private int alive;
  private boolean closed;
  private @Nullable RestoreStopped failure;

  /// Made beforehand: a worker may end for want of the memory to make one.
  private final RestoreStopped ended =
      new RestoreStopped(
          "a thread of the restore has ended too early, likely for want of memory: give the program"
              + " more with HOLDFAST_JAVA_OPTS=-Xmx1g, and go on with --resume");

  Workers(Spawner spawner, int count) {
    alive = count;
    for (int i = 1; i <= count; i++) {
      spawner.spawn("restore " + i, this::work);
    }
  }

  /// Adds a job that keeps so many bytes in memory. A job larger than the bound waits until no
  /// other is left.
  void submit(Group group, long bytes, Job job) throws RestoreStopped {
    lock.lock();
    try {
      while (failure == null && !closed && isFull(bytes)) {
        changed.awaitUninterruptibly();
      }
      checkFailure();
      if (closed) {
        throw new RestoreStopped("the restore is over");
      }
      waiting.add(new Waiting(group, bytes, job));
      this.bytes += bytes;
      group.open++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until all jobs of the group are done.
  void await(Group group) throws RestoreStopped {
    lock.lock();
    try {
      while (failure == null && group.open > 0) {
        changed.awaitUninterruptibly();
      }
      checkFailure();
    } finally {
      lock.unlock();
    }
  }

  /// Drops what waits.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      while (alive > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isFull(long bytes) {
    return waiting.size() >= WAITING_JOBS_MAX || (this.bytes > 0 && this.bytes + bytes > BYTES_MAX);
  }

  private void checkFailure() throws RestoreStopped {
    if (failure != null) {
      throw failure;
    }
  }

  private void work() {
    boolean done = false;
    try {
      for (Waiting next = next(); next != null; next = next()) {
        RestoreStopped stopped = run(next.job);
        finished(next, stopped);
      }
      done = true;
    } finally {
      leave(done);
    }
  }

  private void leave(boolean done) {
    lock.lock();
    try {
      alive--;
      if (!done && failure == null) {
        failure = ended;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Waiting next() {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed && failure == null) {
        changed.awaitUninterruptibly();
      }
      if (closed || failure != null) {
        return null;
      }
      Waiting next = waiting.remove();
      changed.signalAll();
      return next;
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable RestoreStopped run(Job job) {
    try {
      job.run();
      return null;
    } catch (HoldfastException e) {
      return new RestoreStopped(e);
    } catch (FileAccessException e) {
      return new RestoreStopped(e);
    } catch (RuntimeException e) {
      return new RestoreStopped(e);
    } catch (Error e) {
      return new RestoreStopped(e);
    }
  }

  private void finished(Waiting done, @Nullable RestoreStopped stopped) {
    lock.lock();
    try {
      done.group.open--;
      bytes -= done.bytes;
      if (failure == null) {
        failure = stopped;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// What a worker does. What it throws stops the restore.
  interface Job {
    void run() throws HoldfastException, FileAccessException;
  }

  /// Jobs that are waited for together. Its count belongs to the workers' lock.
  static final class Group {
    private int open;
  }

  private record Waiting(Group group, long bytes, Job job) {}
}
