package org.holdfast.server.shard;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.server.index.Index;
import org.holdfast.server.state.Misfits;
import org.holdfast.server.state.Position;
import org.holdfast.server.state.ShardState;

/// Brings an index to the end of the log, also where segments were cleaned (`docs/cleaning.md`, "A
/// replay with holes").
///
/// An index that is older than a hole is emptied, and so is one that has taken in a segment which
/// turns out to be retired. Used once.
public final class CatchUp {
  /// Segments that are asked for by their names in one round.
  private static final int ASKED_MAX = 100;

  private static final String CLEANED = "segments were cleaned that it has not seen";

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final Listener listener;
  private final Misfits misfits;

  /// Since the state was empty, or was opened; not only in the last round, as with holes in it a
  /// state is right only without what is retired, also if that was there when it was read.
  private final NavigableSet<SegmentId> applied = new TreeSet<>();

  /// Retired, and in the bucket all the same.
  private final Set<SegmentId> back = new TreeSet<>();

  private Optional<SegmentId> known;
  private NavigableMap<SegmentId, Long> listed = new TreeMap<>();

  /// Whether the state comes from a replay of all there is, and not from an older index.
  private boolean beganEmpty;

  /// Whether it ends where the index would have to be made again.
  private boolean onlyGoesOn;

  private boolean knowsEnd;

  /// `known` is a segment that is known to have been acknowledged, if any.
  public CatchUp(
      int shard, LogReader reader, Spawner spawner, Optional<SegmentId> known, Listener listener) {
    this(shard, reader, spawner, known, listener, Misfits.STOP);
  }

  /// As above; `misfits` says what becomes of what does not fit.
  public CatchUp(
      int shard,
      LogReader reader,
      Spawner spawner,
      Optional<SegmentId> known,
      Listener listener,
      Misfits misfits) {
    this.misfits = misfits;
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.known = known;
    this.listener = listener;
  }

  /// For an index beside which there is a better way than a replay of all there is, in order: where
  /// that would come, [#run] throws [CorruptException] instead.
  CatchUp onlyGoingOn() {
    onlyGoesOn = true;
    return this;
  }

  /// For a log that was sealed behind what is `known`: so nothing comes after that which counts.
  CatchUp knowingTheEnd() {
    knowsEnd = true;
    return this;
  }

  /// The state at the end of the log, in the index.
  public ShardState run(Index index) throws HoldfastException {
    return run(index, Optional.empty());
  }

  /// As [#run(Index)], of a log that was just listed and reaches what is known.
  ShardState run(Index index, Optional<LogChain> first) throws HoldfastException {
    Optional<LogChain> given = first;
    ShardState state = ShardState.open(shard, index, misfits);
    beganEmpty = seen(state.position()).isEmpty();
    Doubt doubt = new Doubt(reader::patience, this::comes);
    while (true) {
      Optional<SegmentId> from = seen(state.position());
      known = latest(known, from);
      LogChain chain = given.isPresent() ? given.get() : LogChain.of(reader, shard, known);
      given = Optional.empty();
      listed = chain.present();
      LogChain.Counted missing = chain.counted(shard, from, back, spawner);
      if (from.isPresent() && !state.hasHoles() && !missing.absent().isEmpty()) {
        LaterLog.Retirements retired = LaterLog.retired(reader, missing);
        List<SegmentRange> open = retired.without(missing.absent());
        if (open.isEmpty()) {
          state = discard(index);
        } else {
          boolean isRead = retired.isWhole() && there(asked(open)).isEmpty();
          doubt.of(open, isRead, next(chain));
        }
        continue;
      }
      listener.replaying(missing.segments().size());
      Replay replay = new Replay(reader, applied, beganEmpty, listener::replayed);
      Optional<SegmentRange> came = replay.apply(state, missing);
      if (came.isPresent()) {
        addBack(came.get(), missing);
        state = empty(index);
        doubt.again(came.get());
        continue;
      }
      if (replay.hasMetHoles() && !beganEmpty) {
        state = discard(index);
        continue;
      }
      if (!state.hasHoles()) {
        return state;
      }
      // Any of them may hold the record that retires the others. One that is asked for in vain may
      // have been cleaned by who has taken the log over meanwhile: the next listing shows that.
      Optional<SegmentId> there = there(asked(state.holes()));
      doubt.of(state.holes(), there.isEmpty(), next(chain));
      if (there.isPresent()) {
        state = empty(index);
      }
    }
  }

  /// Those to ask for, not all if there are many: the newest, which no other one can have retired,
  /// such as are listed, which must be there, and others.
  private List<SegmentId> asked(List<SegmentRange> holes) {
    Set<SegmentId> asked = new LinkedHashSet<>();
    asked.add(holes.getLast().last());
    for (SegmentRange range : holes.reversed()) {
      asked.addAll(listed.subMap(range.first(), true, range.last(), true).keySet());
    }
    for (SegmentRange range : holes.reversed()) {
      long number = range.last().number();
      while (number >= range.first().number() && asked.size() < ASKED_MAX) {
        asked.add(new SegmentId(shard, range.last().epoch(), number));
        number--;
      }
    }
    return asked.stream().filter(id -> !back.contains(id)).limit(ASKED_MAX).toList();
  }

  /// Where the log goes on if it is longer than it is listed; empty if that cannot be.
  private Optional<SegmentId> next(LogChain chain) throws HoldfastException {
    return knowsEnd ? Optional.empty() : Optional.of(chain.next(shard));
  }

  /// Whether a segment, or a seal, is there; asked as long as patience goes.
  private boolean comes(SegmentId id) throws RefusedException, UnavailableException {
    try {
      return reader.present(id).isPresent();
    } catch (CorruptException _) {
      return true;
    }
  }

  /// One of them that is in the bucket.
  private Optional<SegmentId> there(List<SegmentId> segments) throws HoldfastException {
    for (SegmentId id : segments) {
      if (isThere(id)) {
        return Optional.of(id);
      }
    }
    return Optional.empty();
  }

  /// Also if it cannot be read: the replay that follows says so, unless it is retired. A seal in
  /// its place came late.
  private boolean isThere(SegmentId id) throws RefusedException, UnavailableException {
    try {
      return reader.header(id).filter(header -> !header.seal()).isPresent();
    } catch (CorruptException _) {
      return true;
    }
  }

  /// What the bucket held in the end, with lengths in bytes.
  NavigableMap<SegmentId, Long> listed() {
    return listed;
  }

  private ShardState discard(Index index) throws CorruptException {
    if (!onlyGoesOn) {
      listener.discarded(CLEANED);
    }
    return empty(index);
  }

  private ShardState empty(Index index) throws CorruptException {
    if (onlyGoesOn) {
      throw new CorruptException(CLEANED);
    }
    listener.emptying();
    beganEmpty = true;
    applied.clear();
    known = latest(known, seen(ShardState.position(index)));
    ShardState.clear(index);
    return ShardState.open(shard, index, misfits);
  }

  /// With all that any record retires: where one came back others did, and each would cost a
  /// replay.
  private void addBack(SegmentRange came, LogChain.Counted counted) throws HoldfastException {
    addListed(came);
    LaterLog.retired(reader, counted).ranges().forEach(this::addListed);
  }

  private void addListed(SegmentRange range) {
    back.addAll(listed.subMap(range.first(), true, range.last(), true).keySet());
  }

  static Optional<SegmentId> latest(Optional<SegmentId> one, Optional<SegmentId> other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.or(() -> other);
    }
    return one.get().compareTo(other.get()) > 0 ? one : other;
  }

  private Optional<SegmentId> seen(Position position) {
    return position.epoch() == 0 ? Optional.empty() : Optional.of(position.segmentId(shard));
  }

  /// Hears what happens to the index.
  public interface Listener {
    /// What it holds is thrown away, and why.
    default void discarded(String reason) {}

    /// The index is about to be emptied.
    default void emptying() {}

    /// So many segments are not in it.
    default void replaying(int segments) {}

    /// So many of them are by now, and this is the state.
    default void replayed(long segmentsDone, long segmentsAll, ShardState state) {}
  }
}
