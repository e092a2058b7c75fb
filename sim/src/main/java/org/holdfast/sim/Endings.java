package org.holdfast.sim;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Work that has begun and must end in time, well or not. What does not breaks a promise: it hangs.
///
/// - In fair weather it has [#FAIR_NANOS], from its begin or from when the weather became fair.
/// - In bad weather it has as much, and besides for each object in the bucket the time after which
///   the product gives up to ask for it. An outage of the store does not count, as some of the
///   product's calls are tried until it is over.
/// - Time in which its process sleeps does not count, and a dead process has nothing to end.
final class Endings {
  /// Longer than all that the product may wait for where nothing goes wrong any more, one after the
  /// other: four minutes until a connection with nobody at its other end is closed, and another
  /// time as long for who waits for its memory; a minute for a call to the bucket, and 30 s for one
  /// that hangs since before; 20 s between two attempts of a put.
  static final long FAIR_NANOS = 600_000_000_000L;

  /// A damaged object is looked at again once a minute; a call is tried for a minute.
  static final long SETTLED_NANOS = 120_000_000_000L;

  /// Longer than what is late in [SimBucket].
  private static final long CALM_NANOS = 700_000_000_000L;

  /// What one call may take at most after the last attempt has begun.
  private static final long CALL_MILLIS = 40_000;

  private static final int FRAMES_MAX = 12;

  private final Loop loop;
  private final SimStore store;
  private final Weather weather;
  private final long objectNanos;
  private final Set<Work> open = new LinkedHashSet<>();
  private boolean isFair = true;
  private long fairSinceNanos;

  Endings(Loop loop, SimStore store, Weather weather, Setting setting) {
    this.loop = loop;
    this.store = store;
    this.weather = weather;
    this.objectNanos = (setting.retryMillis() + setting.patienceMillis() + CALL_MILLIS) * 1_000_000;
  }

  /// From here on things go wrong.
  void bad() {
    isFair = false;
  }

  /// From here on nothing does.
  void fair() {
    isFair = true;
    fairSinceNanos = loop.nowNanos();
    List.copyOf(open).forEach(this::arm);
  }

  boolean isFair() {
    return isFair;
  }

  /// Whether what went wrong must be forgotten by now.
  boolean isLongFair() {
    return isFair && loop.nowNanos() - fairSinceNanos >= SETTLED_NANOS;
  }

  /// Whether what was on its way when the weather became fair has come: a put, or a deletion.
  boolean isCalm() {
    return isFair && loop.nowNanos() - fairSinceNanos >= CALM_NANOS;
  }

  /// Whether nothing is left of what began before the weather became fair.
  boolean areOldOver() {
    return open.stream()
        .allMatch(work -> work.begunNanos >= fairSinceNanos || work.process.isDead());
  }

  /// The calling thread begins something, as "takes the log over"; it ends with [Work#close].
  Work begin(SimProcess process, String what) {
    return begin(process, what, false);
  }

  /// As [#begin], of what goes on in bad weather for as long as that lasts.
  Work beginUntilFair(SimProcess process, String what) {
    return begin(process, what, true);
  }

  private Work begin(SimProcess process, String what, boolean isTriedUntilFair) {
    Work work = new Work(process, what, isTriedUntilFair, Thread.currentThread());
    open.add(work);
    arm(work);
    return work;
  }

  private void arm(Work work) {
    loop.at(dueNanos(work), () -> look(work));
  }

  private void look(Work work) {
    if (!open.contains(work)) {
      return;
    }
    if (work.process.isDead()) {
      open.remove(work);
      return;
    }
    if (loop.nowNanos() < dueNanos(work) || work.process.isPaused()) {
      loop.at(Math.max(dueNanos(work), loop.nowNanos() + FAIR_NANOS / 10), () -> look(work));
      return;
    }
    if (isFair || !work.isTriedUntilFair) {
      loop.tell(work.hangs());
    }
  }

  private long dueNanos(Work work) {
    long begun = Math.max(work.begunNanos, work.process.wokenNanos());
    if (isFair) {
      return Math.max(begun, fairSinceNanos) + FAIR_NANOS;
    }
    return Math.max(begun, weather.outageEndsNanos()) + FAIR_NANOS + store.size() * objectNanos;
  }

  /// Something that must end.
  final class Work implements AutoCloseable {
    private final SimProcess process;
    private final String what;
    private final boolean isTriedUntilFair;
    private final Thread thread;
    private final long begunNanos = loop.nowNanos();

    private Work(SimProcess process, String what, boolean isTriedUntilFair, Thread thread) {
      this.process = process;
      this.what = what;
      this.isTriedUntilFair = isTriedUntilFair;
      this.thread = thread;
    }

    @Override
    public void close() {
      open.remove(this);
    }

    private Violation hangs() {
      return new Violation(
          String.format(
              Locale.ROOT,
              "%s hangs, and %s: for %.0f s, and waits at %s",
              process.name(),
              what,
              (loop.nowNanos() - begunNanos) / 1e9,
              where()));
    }

    /// The calls of the product that the thread is in, the innermost first.
    private String where() {
      return Arrays.stream(thread.getStackTrace())
          .filter(frame -> frame.getClassName().startsWith("org.holdfast"))
          .limit(FRAMES_MAX)
          .map(frame ->
              frame.getClassName().replaceAll(".*\\.", "")
                  + "."
                  + frame.getMethodName()
                  + ":"
                  + frame.getLineNumber())
          .collect(Collectors.joining(" < "));
    }
  }
}
