package org.holdfast.server.shard;

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
/// Soon after damage is found, then after pauses that double up to a minute. A round ends at the
/// first object that is there and still damaged, so that it reads one such object and not all of
/// them; those that are missing cost a request each.
///
/// Any thread calls; the rounds run on one of their own while there is damage.
final class DamageWatch {
  private static final Logger LOG = LoggerFactory.getLogger(DamageWatch.class);

  private static final long PAUSE_MILLIS_MIN = 100;

  /// So soon after an object is put back, backups go on.
  private static final long PAUSE_MILLIS_MAX = 60_000;

  private final Damages damages;
  private final LogReader reader;
  private final BlockReader blocks;
  private final BlockReader.Retired retired;
  private final Clock clock;
  private final Spawner spawner;
  private final Runnable whole;
  private @Nullable Thread watching;
  private boolean stopped;

  /// `whole` runs when nothing is damaged any more.
  DamageWatch(
      Damages damages,
      LogReader reader,
      BlockReader blocks,
      BlockReader.Retired retired,
      Clock clock,
      Spawner spawner,
      Runnable whole) {
    this.damages = damages;
    this.reader = reader;
    this.blocks = blocks;
    this.retired = retired;
    this.clock = clock;
    this.spawner = spawner;
    this.whole = whole;
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
      Optional<Damage> damage = damage(left.getFirst());
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
        clock.sleepMillis(pauseMillis);
        pauseMillis = Math.min(2 * pauseMillis, PAUSE_MILLIS_MAX);
        try {
          round();
        } catch (HoldfastException e) {
          LOG.debug("a damaged object cannot be read again now: {}", e.getMessage());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      // Backups stay stopped, which is safe; a restart watches again.
      LOG.error("reading damaged objects again failed in a way that should not be possible", e);
    }
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
    whole.run();
    return true;
  }

  private void round() throws RefusedException, UnavailableException {
    for (Map.Entry<SegmentId, Damage> each : damages.known().entrySet()) {
      Optional<Damage> damage = damage(each.getKey());
      if (damage.isEmpty()) {
        damages.remove(each.getKey());
        continue;
      }
      damages.add(each.getKey(), damage.get());
      if (damage.get() != Damage.MISSING) {
        return;
      }
    }
  }

  /// What is wrong with an object, all of which is read.
  private Optional<Damage> damage(SegmentId id) throws RefusedException, UnavailableException {
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
      Optional<Damage> damage = blocks.readOnce(span).damage();
      if (damage.isPresent()) {
        return damage;
      }
    }
    return Optional.empty();
  }
}
