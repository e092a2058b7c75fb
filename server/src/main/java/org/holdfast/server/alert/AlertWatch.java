package org.holdfast.server.alert;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.server.alert.Trouble.Course;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at a server's figures every now and then, and tells what trouble begins, that it grows,
/// once an hour that it lasts, and that it is over.
///
/// What nobody has taken is told again at the next look. The log is told by who meets the trouble.
///
/// Looks on a thread of its own; any thread stops it.
public final class AlertWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AlertWatch.class);

  private static final long LOOK_MILLIS = 30_000;

  private static final long AGAIN_NANOS = 3600L * 1_000_000_000;

  /// What grows all the time, as while much damage is being found, is not told each time.
  private static final long MORE_NANOS = 600L * 1_000_000_000;

  private final Figures figures;
  private final Alarm alarm;
  private final Clock clock;

  /// What was told, by its kind.
  private final SortedMap<String, Told> told = new TreeMap<>();

  private Map<String, String> before = Map.of();
  private @Nullable Thread thread;
  private volatile boolean isClosed;

  AlertWatch(Figures figures, Alarm alarm, Clock clock) {
    this.figures = figures;
    this.alarm = alarm;
    this.clock = clock;
  }

  public static AlertWatch start(Figures figures, Alarm alarm, Clock clock, Spawner spawner) {
    AlertWatch watch = new AlertWatch(figures, alarm, clock);
    watch.begin(spawner);
    return watch;
  }

  private synchronized void begin(Spawner spawner) {
    thread = spawner.spawn("alerts", this::run);
  }

  private void run() {
    try {
      while (true) {
        look();
        clock.sleepMillis(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void look() {
    Map<String, String> now = now();
    if (isClosed) {
      return;
    }
    try {
      tell(Troubles.of(now, before));
      before = now;
    } catch (HoldfastException | RuntimeException e) {
      LOG.warn("alerts are told later: {}", e.getMessage());
    }
  }

  /// A server that cannot tell how it is has a trouble of its own, and otherwise those it had.
  private Map<String, String> now() {
    try {
      return figures.now();
    } catch (HoldfastException | RuntimeException e) {
      Map<String, String> last = new TreeMap<>(before);
      last.put(Troubles.UNKNOWN, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return last;
    }
  }

  private void tell(SortedMap<String, Trouble> troubles) throws HoldfastException {
    long now = clock.nanos();
    StringBuilder lines = new StringBuilder();
    SortedMap<String, Told> next = new TreeMap<>();
    troubles.forEach((kind, trouble) -> {
      Told last = told.get(kind);
      Optional<String> how = last == null ? Optional.of("") : again(trouble, last, now);
      if (last == null || how.isPresent()) {
        lines.append(how.orElse("")).append(trouble.line()).append('\n');
        next.put(kind, new Told(now, trouble.size(), trouble.course()));
      } else {
        // It grows from what was told, or what it has shrunk to since.
        long size = Math.min(trouble.size(), last.size);
        next.put(kind, new Told(last.nanos, size, trouble.course()));
      }
    });
    told.forEach((kind, last) -> {
      if (troubles.containsKey(kind)) {
        return;
      }
      if (last.course != Course.EVENT) {
        lines.append("over: ").append(kind).append('\n');
      } else if (now - last.nanos < AGAIN_NANOS) {
        // It has no end; the next within the hour is no news.
        next.put(kind, last);
      }
    });
    if (!lines.isEmpty()) {
      alarm.tell(lines.toString());
    }
    told.clear();
    told.putAll(next);
  }

  /// What the line begins with if it is told again now.
  private static Optional<String> again(Trouble trouble, Told last, long now) {
    long passed = now - last.nanos;
    if (trouble.size() > last.size && passed >= MORE_NANOS) {
      return Optional.of("more: ");
    }
    return switch (trouble.course()) {
      case STANDING -> Optional.empty();
      case EVENT, REPEATED -> passed >= AGAIN_NANOS ? Optional.of("still: ") : Optional.empty();
    };
  }

  /// Looks no more.
  @Override
  public synchronized void close() {
    isClosed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /// A kind of trouble that was told: when last, and how large it was.
  private record Told(long nanos, long size, Course course) {}

  /// A server's figures by their names.
  public interface Figures {
    Map<String, String> now() throws HoldfastException;
  }
}
