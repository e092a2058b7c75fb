package org.holdfast.sim;

import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A process at a disk. At each operation there it may be killed, and whatever it reads may be
/// unreadable. An operation never waits: it happens, or it is the process's last.
final class DiskUser {
  private final @Nullable Luck luck;
  private long refusedNanos = Long.MIN_VALUE;

  private DiskUser(@Nullable Luck luck) {
    this.luck = luck;
  }

  /// Nothing happens to them.
  static DiskUser lucky() {
    return new DiskUser(null);
  }

  /// `whenKilled` runs after the process was killed at an operation, before anything else happens.
  static DiskUser of(
      SimProcess process, Loop loop, Faults faults, SplittableRandom random, Runnable whenKilled) {
    return new DiskUser(new Luck(process, loop, faults, random, whenKilled));
  }

  /// Whatever is read next can be; else as a disk says it.
  void reads() throws IOException {
    if (luck != null && luck.faults.strike(Rates::unreadable)) {
      refusedNanos = luck.loop.nowNanos();
      throw new IOException("Input/output error");
    }
  }

  /// Whether something could not be read since a moment.
  boolean wasRefused(long sinceNanos) {
    return refusedNanos >= sinceNanos;
  }

  /// Something is changed next, unless the process does not live to see it.
  void changes() {
    if (isCut()) {
      end();
    }
  }

  /// Whether the next operation is the last: whatever of it happens, [#end] is next.
  boolean isCut() {
    return luck != null && luck.faults.strike(Rates::killedAtFile);
  }

  /// How much of the last write happens.
  int part(int length) {
    return luck == null ? length : luck.random.nextInt(length + 1);
  }

  /// The process is killed, and the thread that calls is at its end. It may hold monitors: nobody
  /// else who wants them is alive.
  void end() {
    if (luck == null) {
      throw new IllegalStateException("nothing happens to them");
    }
    luck.process.kill();
    luck.loop.afterSteps(0, luck.whenKilled);
    while (true) {
      LockSupport.park();
      // Else it would not wait again.
      boolean _ = Thread.interrupted();
    }
  }

  private record Luck(
      SimProcess process, Loop loop, Faults faults, SplittableRandom random, Runnable whenKilled) {}
}
