package org.holdfast.server.shard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches the free space of the file system that the state folder is on, and stops what would fill
/// it, the least needed first (`docs/operations.md`, "The state folder's disk").
///
/// - Below `highBytes` no piece of background work begins, and the log warns.
/// - Below `lowBytes` nothing is written any more, until there are `highBytes` again: a disk at the
///   edge must not turn backups on and off. Restores go on.
///
/// A reading that fails changes nothing. Any thread.
public final class DiskWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DiskWatch.class);

  /// The index grows by kilobytes in that time; what fills a disk faster is somebody else.
  private static final long LOOK_MILLIS = 5000;

  /// The trend is that of a day.
  private static final int HOURS = 24;

  private static final long HOUR_MILLIS = 3_600_000;

  private final Reading free;
  private final Marks marks;
  private final Clock clock;
  private final Runnable whenShort;

  /// Free bytes once an hour, the oldest first.
  private final Deque<Hour> hours = new ArrayDeque<>();

  private State state = State.ENOUGH;
  private long freeBytes;
  private volatile boolean stopped;
  private @Nullable Thread thread;

  /// `whenShort` runs each time when nothing may be written any more.
  DiskWatch(Reading free, Marks marks, Clock clock, Runnable whenShort) {
    this.free = free;
    this.marks = marks;
    this.clock = clock;
    this.whenShort = whenShort;
  }

  /// Looks now and then, from here on. The first look is done when this returns.
  synchronized void begin(Spawner spawner) {
    look();
    thread = spawner.spawn("disk watch", this::run);
  }

  synchronized void stop() {
    stopped = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  private void run() {
    try {
      while (!stopped) {
        clock.sleepMillis(LOOK_MILLIS);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Looks at once.
  void look() {
    boolean isShort;
    try {
      isShort = see(free.bytes());
    } catch (RefusedException e) {
      LOG.warn("the free space of the state folder's disk is not known: {}", e.getMessage());
      return;
    }
    if (isShort) {
      whenShort.run();
    }
  }

  /// Whether it is short now and was not before.
  private synchronized boolean see(long bytes) {
    freeBytes = bytes;
    long now = clock.wallMillis();
    if (hours.isEmpty() || now - hours.peekLast().millis >= HOUR_MILLIS) {
      hours.addLast(new Hour(now, bytes));
      if (hours.size() > HOURS) {
        hours.removeFirst();
      }
    }
    State before = state;
    state = next(bytes);
    if (state != before) {
      tell();
    }
    return state == State.SHORT && before != State.SHORT;
  }

  private State next(long bytes) {
    if (bytes >= marks.highBytes) {
      return State.ENOUGH;
    }
    return bytes < marks.lowBytes || state == State.SHORT ? State.SHORT : State.LITTLE;
  }

  private void tell() {
    switch (state) {
      case ENOUGH ->
          LOG.info("the state folder's disk has room again: {} MiB free", mib(freeBytes));
      case LITTLE -> LOG.warn("{}: background work waits", brief());
      case SHORT -> LOG.error("{}: backups are stopped, restores go on", brief());
    }
  }

  /// Why nothing is written, in one line; empty if it is.
  synchronized Optional<String> obstacle() {
    return state == State.SHORT
        ? Optional.of(
            "backups are stopped, restores go on: "
                + brief()
                + "; whoever runs the service has to make room")
        : Optional.empty();
  }

  /// Why background work waits; empty if it does not.
  synchronized Optional<String> backgroundObstacle() {
    return state == State.ENOUGH ? Optional.empty() : Optional.of(brief());
  }

  /// How it is.
  public synchronized Report report() {
    Optional<Hour> first = Optional.ofNullable(hours.peekFirst());
    long millis = first.map(hour -> clock.wallMillis() - hour.millis).orElse(0L);
    long lostBytes = first.map(hour -> hour.freeBytes - freeBytes).orElse(0L);
    Optional<Long> hoursLeft =
        millis < HOUR_MILLIS || lostBytes <= 0
            ? Optional.empty()
            : Optional.of(
                Math.round(
                    (double) Math.max(0, freeBytes - marks.lowBytes)
                        / lostBytes
                        * millis
                        / HOUR_MILLIS));
    return new Report(freeBytes, marks, state, hoursLeft);
  }

  private String brief() {
    return "the state folder's disk has "
        + mib(freeBytes)
        + " MiB free (of `disk-low` "
        + mib(marks.lowBytes)
        + ", `disk-high` "
        + mib(marks.highBytes)
        + ")";
  }

  private static long mib(long bytes) {
    return bytes >> 20;
  }

  /// How much room there is.
  public enum State {
    ENOUGH,
    LITTLE,
    SHORT
  }

  /// Below `lowBytes` nothing is written until there are `highBytes` again, which are not fewer.
  public record Marks(long lowBytes, long highBytes) {
    /// The index's write buffers, and what they become on their way to the disk, several times.
    public static final Marks DEFAULT = new Marks(256 << 20, 512 << 20);
  }

  /// `hoursLeft` until nothing may be written any more, by the trend of a day; empty if the disk
  /// does not fill, or has not been watched for an hour.
  public record Report(long freeBytes, Marks marks, State state, Optional<Long> hoursLeft) {}

  private record Hour(long millis, long freeBytes) {}

  /// Tells the free bytes.
  interface Reading {
    long bytes() throws RefusedException;
  }
}
