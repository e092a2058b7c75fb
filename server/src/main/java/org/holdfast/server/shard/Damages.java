package org.holdfast.server.shard;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.holdfast.core.Clock;
import org.holdfast.core.RefusedException;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.DurableState;
import org.holdfast.server.state.SegmentRow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The objects of the log that are known not to be what was acknowledged (`docs/operations.md`,
/// "Objects that are lost or damaged"). While there is one, no backups are taken, unless it is
/// known which of its blocks are damaged, and that nothing else is.
///
/// Known is what was asked for again in vain, for as long as [#patience] says. It is kept in the
/// state folder, if there is one, because a restart must not forget it: nothing but another read of
/// the same bytes would find damaged data again.
///
/// Any thread.
public final class Damages {
  private static final Logger LOG = LoggerFactory.getLogger(Damages.class);

  /// How long another object is asked for while one is known to be lost: such a store is not
  /// believed to be slow, and a restore of much that is lost must come to its end.
  private static final long LATER_MILLIS = 1000;

  private final Clock clock;
  private final long patienceMillis;
  private final TreeMap<SegmentId, Damage> known = new TreeMap<>();
  private final DamagedCopies copies = new DamagedCopies();
  private Optional<StateFolder> folder;
  private Runnable found = () -> {};
  private Meanwhile meanwhile = new Meanwhile(null);

  /// What the folder remembers is known from the start. `patienceMillis` is how long an object that
  /// is absent or damaged is asked for again.
  public Damages(Clock clock, long patienceMillis, Optional<StateFolder> folder)
      throws RefusedException {
    this.clock = clock;
    this.patienceMillis = patienceMillis;
    this.folder = folder;
    if (folder.isPresent()) {
      known.putAll(folder.get().damaged());
    }
  }

  /// From here on `action` runs, on whatever thread, when damage is found where there was none.
  synchronized void whenFound(Runnable action) {
    found = action;
  }

  /// How long to go on asking for an object.
  synchronized Patience patience(SegmentId segment) {
    if (known.containsKey(segment)) {
      return new Patience(clock, 0);
    }
    return new Patience(
        clock, known.isEmpty() ? patienceMillis : Math.min(patienceMillis, LATER_MILLIS));
  }

  /// Somebody begins to read all of the object. What others find in it until [#read] or [#remove]
  /// says what that has come to, may be later than what was read, and is not dropped. One thread.
  synchronized void reading(SegmentId segment) {
    meanwhile = new Meanwhile(segment);
  }

  /// Asking again was in vain.
  void add(SegmentId segment, Damage damage) {
    tellAfter(() -> {
      meanwhile.add(segment, damage);
      if (damage != Damage.DATA) {
        copies.remove(segment);
      }
      if (!damage.equals(known.put(segment, damage))) {
        keep(state -> state.addDamaged(segment, damage));
      }
    });
  }

  /// Of a damaged object, these were not what was stored. If that is more than is known of it, what
  /// is damaged in it is not known.
  void lost(SegmentId segment, List<BlockRow> lost) {
    tellAfter(() -> {
      meanwhile.lost(segment, lost);
      if (!lost.stream().allMatch(copies::contains)) {
        copies.remove(segment);
      }
    });
  }

  private void tellAfter(Runnable change) {
    Runnable tell = () -> {};
    synchronized (this) {
      boolean wasFree = obstacle().isEmpty();
      change.run();
      if (wasFree && obstacle().isPresent()) {
        tell = found;
      }
    }
    tell.run();
  }

  /// All of the object was read, and of it these are damaged and nothing else.
  void read(SegmentId segment, List<DamagedCopies.Copy> damaged) {
    tellAfter(() -> {
      if (meanwhile.saysMore(segment, damaged)) {
        copies.remove(segment);
        return;
      }
      if (known.put(segment, Damage.DATA) != Damage.DATA) {
        keep(state -> state.addDamaged(segment, Damage.DATA));
      }
      copies.put(segment, damaged);
    });
  }

  /// What is known to be damaged block by block.
  DamagedCopies copies() {
    return copies;
  }

  /// Whether the object stops all backups.
  synchronized boolean stopsAll(SegmentId segment) {
    return known.get(segment) != Damage.DATA || !copies.isKnown(segment);
  }

  /// All of the object was read, and it is what was acknowledged.
  synchronized void remove(SegmentId segment) {
    if (meanwhile.isFound(segment)) {
      return;
    }
    copies.remove(segment);
    if (known.remove(segment) != null) {
      keep(state -> state.replaceDamaged(known));
    }
  }

  /// Whether the object is known not to be what was acknowledged.
  synchronized boolean contains(SegmentId segment) {
    return known.containsKey(segment);
  }

  synchronized boolean isEmpty() {
    return known.isEmpty();
  }

  synchronized Map<SegmentId, Damage> known() {
    return new TreeMap<>(known);
  }

  synchronized int count() {
    return known.size();
  }

  /// What cannot be read. Which blocks of a missing object are needed only a scan of the whole
  /// index could tell: the rows of segments know how many bytes.
  LostData lost(DurableState rows) {
    Map<SegmentId, Long> objects = new TreeMap<>();
    for (SegmentId segment : withoutWholeBlocks()) {
      long live = rows.segment(segment).map(SegmentRow::liveLength).orElse(0L);
      if (live > 0) {
        objects.put(segment, live);
      }
    }
    return new LostData(copies.countLost(rows), objects);
  }

  /// Missing, or it is not known so far what in it is damaged.
  private synchronized List<SegmentId> withoutWholeBlocks() {
    return known.keySet().stream()
        .filter(segment -> known.get(segment) != Damage.HEADER && stopsAll(segment))
        .toList();
  }

  /// Why no backups are taken, in one line; empty if nothing is in their way.
  synchronized Optional<String> obstacle() {
    Optional<SegmentId> first = known.keySet().stream().filter(this::stopsAll).findFirst();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    int others = known.size() - 1;
    return Optional.of(
        "backups are stopped, restores go on: "
            + Objects.requireNonNull(known.get(first.get())).brief(first.get())
            + (others == 0 ? "" : ", and " + others + " more are missing or damaged")
            + ": whoever runs the service has to restore it from a copy of the bucket"
            + " (docs/operations.md, \"Objects that are lost or damaged\")");
  }

  /// What is damaged, and whether backups go on, in one line; empty if nothing is.
  synchronized Optional<String> line() {
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent() || known.isEmpty()) {
      return obstacle;
    }
    Map.Entry<SegmentId, Damage> first = known.firstEntry();
    return Optional.of(
        "backups go on, blocks are damaged: "
            + first.getValue().brief(first.getKey())
            + (known.size() == 1 ? "" : ", and " + (known.size() - 1) + " more")
            + "; of "
            + copies.count()
            + " damaged blocks the next backups send again what they have"
            + " (docs/operations.md, \"Blocks that are damaged\")");
  }

  /// The folder is somebody else's from here on.
  public synchronized void close() {
    folder = Optional.empty();
  }

  /// Without the file a restart forgets; the backups of today stop all the same.
  private void keep(Keeping keeping) {
    if (folder.isEmpty()) {
      return;
    }
    try {
      keeping.in(folder.get());
    } catch (RefusedException e) {
      LOG.warn("{}: a restart will not know which objects are damaged", e.getMessage());
    }
  }

  /// What was found in an object since somebody began to read all of it.
  private static final class Meanwhile {
    private final @Nullable SegmentId segment;
    private final Set<Long> lost = new HashSet<>();
    private boolean found;
    private boolean isMore;

    Meanwhile(@Nullable SegmentId segment) {
      this.segment = segment;
    }

    void add(SegmentId id, Damage damage) {
      if (id.equals(segment)) {
        found = true;
        isMore |= damage != Damage.DATA;
      }
    }

    void lost(SegmentId id, List<BlockRow> copies) {
      if (id.equals(segment)) {
        found = true;
        copies.forEach(copy -> lost.add(copy.record()));
      }
    }

    boolean isFound(SegmentId id) {
      return found && id.equals(segment);
    }

    /// More than that these are damaged.
    boolean saysMore(SegmentId id, List<DamagedCopies.Copy> damaged) {
      Set<Long> left = new HashSet<>(lost);
      damaged.forEach(copy -> left.remove(copy.stored()));
      return isFound(id) && (isMore || !left.isEmpty());
    }
  }

  private interface Keeping {
    void in(StateFolder folder) throws RefusedException;
  }
}
