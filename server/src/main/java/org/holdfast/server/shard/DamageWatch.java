package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogReader;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads again what is known to be damaged, all of it, until it is whole: then backups go on.
///
/// Soon after damage is found, then after pauses that double up to a minute. Of an object whose
/// header is whole it says which blocks are damaged: such an object stops nobody, and is read again
/// less often. A round ends at the first damaged header; objects that are missing cost a request
/// each.
///
/// Any thread calls; the rounds run on one of their own while there is damage.
final class DamageWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DamageWatch.class);

  private static final long PAUSE_MILLIS_MIN = 100;

  /// So soon after it is found, what stops backups is read again.
  private static final long STEP_MILLIS = 5_000;

  /// So soon after an object is put back, backups go on.
  private static final long PAUSE_MILLIS_MAX = 60_000;

  private final Damages damages;
  private final LogReader reader;
  private final BlockReader blocks;
  private final BlockReader.Retired retired;
  private final Clock clock;
  private final Spawner spawner;
  private final Runnable changed;

  /// When to read again what stops nobody. For the thread that watches, as what follows.
  private final Map<SegmentId, Rest> resting = new HashMap<>();

  private long waitedMillis;

  private @Nullable Thread watching;
  private boolean stopped;

  /// `changed` runs when backups go on, and when nothing is damaged any more.
  DamageWatch(
      Damages damages,
      LogReader reader,
      BlockReader blocks,
      BlockReader.Retired retired,
      Clock clock,
      Spawner spawner,
      Runnable changed) {
    this.damages = damages;
    this.reader = reader;
    this.blocks = blocks;
    this.retired = retired;
    this.clock = clock;
    this.spawner = spawner;
    this.changed = changed;
  }

  /// Before backups are taken: reads what was known before, and asks for objects that a listing
  /// lacks or shows with another length, as long as patience goes. What is left is known damage.
  void look(Set<SegmentId> suspects) throws RefusedException, UnavailableException {
    round();
    TreeSet<SegmentId> left = new TreeSet<>(suspects);
    left.removeAll(damages.known().keySet());
    if (left.isEmpty()) {
      return;
    }
    Patience patience = damages.patience(left.getFirst());
    Damage last = Damage.MISSING;
    while (!left.isEmpty()) {
      Optional<Damage> damage = damage(left.getFirst(), new ArrayList<>());
      if (damage.isEmpty()) {
        left.removeFirst();
      } else if (!patience.pause(() -> false)) {
        last = damage.get();
        break;
      }
    }
    for (SegmentId each : left) {
      damages.add(each, last);
    }
    round();
  }

  /// Damage was found: watches until there is none.
  synchronized void begin() {
    if (watching == null && !stopped) {
      watching = spawner.spawn("damage", this::watch);
    }
  }

  synchronized void stop() {
    stopped = true;
    if (watching != null) {
      watching.interrupt();
    }
  }

  private void watch() {
    long pauseMillis = PAUSE_MILLIS_MIN;
    try {
      while (!isDone()) {
        pauseMillis =
            pause(pauseMillis, damages.obstacle().isPresent())
                ? PAUSE_MILLIS_MIN
                : Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        boolean wasStopped = damages.obstacle().isPresent();
        try {
          round();
        } catch (HoldfastException e) {
          LOG.debug("a damaged object cannot be read again now: {}", e.getMessage());
        }
        if (wasStopped && damages.obstacle().isEmpty() && !damages.isEmpty()) {
          changed.run();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      // Backups stay stopped, which is safe; a restart watches again.
      LOG.error("reading damaged objects again failed in a way that should not be possible", e);
    }
  }

  /// Answers whether something has come to stop backups meanwhile: then it ends soon.
  private boolean pause(long millis, boolean isStopped) throws InterruptedException {
    long stepMillis = isStopped ? millis : STEP_MILLIS;
    for (long left = millis; left > 0; left -= stepMillis) {
      clock.sleepMillis(Math.min(left, stepMillis));
      waitedMillis += Math.min(left, stepMillis);
      if (!isStopped && damages.obstacle().isPresent()) {
        return true;
      }
    }
    return false;
  }

  /// With the lock held from the look to the end: who finds damage after it begins another watch.
  private synchronized boolean isDone() {
    if (stopped) {
      return true;
    }
    if (!damages.isEmpty()) {
      return false;
    }
    watching = null;
    changed.run();
    return true;
  }

  private void round() throws RefusedException, UnavailableException {
    for (SegmentId each : damages.known().keySet()) {
      Rest rest = resting.computeIfAbsent(each, _ -> new Rest(waitedMillis, waitedMillis));
      if (!damages.stopsAll(each) && waitedMillis < rest.untilMillis) {
        continue;
      }
      List<DamagedCopies.Copy> lost = new ArrayList<>();
      damages.reading(each);
      Optional<Damage> damage = damage(each, lost);
      resting.put(each, rest.next(waitedMillis));
      if (damage.isEmpty()) {
        damages.remove(each);
        resting.remove(each);
      } else if (damage.get() == Damage.DATA) {
        damages.read(each, lost);
      } else {
        damages.add(each, damage.get());
        if (damage.get() != Damage.MISSING) {
          return;
        }
      }
    }
  }

  /// What is wrong with an object, all of which is read; of damaged data, which copies.
  private Optional<Damage> damage(SegmentId id, List<DamagedCopies.Copy> lost)
      throws RefusedException, UnavailableException {
    if (retired.isRetired(id)) {
      return Optional.empty();
    }
    Optional<SegmentHeader> header;
    try {
      header = reader.header(id);
    } catch (CorruptException e) {
      return Optional.of(Damage.HEADER);
    }
    if (header.isEmpty()) {
      return Optional.of(Damage.MISSING);
    }
    for (BlockReader.Span span : BlockReader.plan(BlockReader.placed(header.get()))) {
      BlockReader.Reading reading = blocks.readOnce(span);
      if (reading.damage().filter(damage -> damage != Damage.DATA).isPresent()) {
        return reading.damage();
      }
      for (BlockReader.Read block : reading.blocks()) {
        if (block.bytes().isEmpty()) {
          BlockReader.Located located = block.located();
          lost.add(
              DamagedCopies.Copy.of(header.get().entries().get(located.index()), located.row()));
        }
      }
    }
    return lost.isEmpty() ? Optional.empty() : Optional.of(Damage.DATA);
  }

  /// An object that stops nobody is read again less and less often: after a thirtieth of the time
  /// that has been waited for it.
  private record Rest(long sinceMillis, long untilMillis) {
    private static final long MILLIS_MAX = 6 * 3_600_000L;

    Rest next(long nowMillis) {
      long millis = Math.clamp((nowMillis - sinceMillis) / 30, PAUSE_MILLIS_MIN, MILLIS_MAX);
      return new Rest(sinceMillis, nowMillis + millis);
    }
  }
}
