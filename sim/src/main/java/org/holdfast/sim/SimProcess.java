package org.holdfast.sim;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.Clock;
import org.holdfast.core.Spawner;

/// A process: threads that live and die together, with a clock of their own.
final class SimProcess {
  /// 2026-01-01, so that nobody's clock is before the protocol's.
  private static final long EPOCH_MILLIS = 1_767_225_600_000L;

  private final String name;
  private final Loop loop;
  private final SecureRandom random;
  private final List<Loop.Step> kept = new ArrayList<>();
  private final Map<String, Integer> threads = new HashMap<>();
  private long clockOffsetMillis;
  private long wokenNanos;
  private boolean dead;
  private boolean paused;

  SimProcess(String name, Loop loop, Chance chance) {
    this.name = name;
    this.loop = loop;
    // Who is started again draws other keys and ids than before.
    this.random = new SimRandom(chance.stream(name + " draws " + loop.nextLife(name)));
  }

  String name() {
    return name;
  }

  boolean isDead() {
    return dead;
  }

  boolean isPaused() {
    return paused;
  }

  /// When it woke up the last time.
  long wokenNanos() {
    return wokenNanos;
  }

  /// How many threads of this name there were, with the next one.
  int number(String thread) {
    return threads.merge(thread, 1, Integer::sum);
  }

  SecureRandom random() {
    return random;
  }

  Spawner spawner() {
    return (thread, task) -> loop.start(this, thread, task);
  }

  /// Not one step more: as `kill -9`, or a power cut.
  void kill() {
    note("is killed");
    dead = true;
    kept.clear();
  }

  /// As `SIGSTOP`, or a machine that is suspended.
  void pause() {
    note("is paused");
    paused = true;
  }

  void resume() {
    note("wakes up");
    paused = false;
    wokenNanos = loop.nowNanos();
    loop.resume(kept);
    kept.clear();
  }

  void keep(Loop.Step step) {
    kept.add(step);
  }

  /// The wall clock jumps.
  void jumpClock(long millis) {
    note("has its clock set by " + millis + " ms");
    clockOffsetMillis += millis;
  }

  void note(String event) {
    loop.trace().note(loop.nowNanos(), name, event);
  }

  Clock clock() {
    return new Clock() {
      @Override
      public long wallMillis() {
        return EPOCH_MILLIS + loop.nowNanos() / 1_000_000 + clockOffsetMillis;
      }

      @Override
      public long nanos() {
        return loop.nowNanos();
      }

      @Override
      public void sleepMillis(long millis) throws InterruptedException {
        loop.sleepUntil(loop.nowNanos() + millis * 1_000_000);
      }
    };
  }
}
