package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;

/// Brings the state of a shard that only reads on, segment by segment, as the log's owner writes
/// them (`docs/standby.md`, "Following").
///
/// Takes the segment that comes next, and no other: what it applies has all before it in the
/// bucket, so it is durable, and counts whoever seals the log. It never brings a state on over a
/// hole.
///
/// One thread.
public final class Follower {
  private static final int AHEAD_MAX = 64;
  private static final long LIST_MILLIS = 60_000;
  private static final long LIST_MILLIS_MAX = 3_600_000;

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final Clock clock;
  private final Target target;

  private Optional<SegmentId> seen;

  /// What comes next; empty before the log was listed.
  private Optional<SegmentId> next = Optional.empty();

  private long listAfterMillis = LIST_MILLIS;
  private long listedNanos;

  /// `seen` is the last segment that the state holds, if any.
  Follower(
      int shard,
      LogReader reader,
      Spawner spawner,
      Clock clock,
      Optional<SegmentId> seen,
      Target target) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.clock = clock;
    this.seen = seen;
    this.target = target;
  }

  /// Applies what is there by now.
  public Step advance() throws HoldfastException {
    Step step = next.isEmpty() ? list() : Step.NOTHING;
    while (step != Step.HOLE) {
      Step more = applyNext();
      if (more == Step.NOTHING) {
        return step;
      }
      step = more;
    }
    return step;
  }

  /// Applies all of a log that was just taken over.
  public Step finish(LogChain chain) throws HoldfastException {
    Step step = place(chain);
    if (step == Step.HOLE) {
      return step;
    }
    List<SegmentId> left = chain.counted(shard, seen, spawner).segments();
    return apply(left) == left.size() ? Step.CAME : Step.HOLE;
  }

  private Step applyNext() throws HoldfastException {
    int ahead = 1;
    Step step = Step.NOTHING;
    while (true) {
      List<SegmentId> wanted = from(next.orElseThrow(), ahead);
      int applied = apply(wanted);
      if (applied > 0) {
        listAfterMillis = LIST_MILLIS;
        listedNanos = clock.nanos();
        step = Step.CAME;
      }
      if (applied < wanted.size()) {
        break;
      }
      ahead = Math.min(AHEAD_MAX, 2 * ahead);
    }
    if (step == Step.NOTHING && clock.nanos() - listedNanos >= listAfterMillis * 1_000_000) {
      return list();
    }
    return step;
  }

  private static List<SegmentId> from(SegmentId first, int count) {
    List<SegmentId> ids = new ArrayList<>();
    SegmentId id = first;
    for (int i = 0; i < count; i++) {
      ids.add(id);
      id = id.next();
    }
    return ids;
  }

  /// How many of these follow one another, and no seal is among them: they are applied.
  private int apply(List<SegmentId> ids) throws HoldfastException {
    Source<Optional<SegmentHeader>> headers = reader.headers(ids);
    for (int i = 0; i < ids.size(); i++) {
      Optional<SegmentHeader> header = headers.next();
      if (header.isEmpty()) {
        return i;
      }
      if (header.get().seal()) {
        // Where the log goes on behind it, if that is the epoch's end, a listing says.
        listAfterMillis = 0;
        return i;
      }
      target.follow(header.get());
      seen = Optional.of(ids.get(i));
      next = Optional.of(ids.get(i).next());
    }
    return ids.size();
  }

  private Step list() throws HoldfastException {
    Step step = place(LogChain.of(reader, shard, seen));
    listedNanos = clock.nanos();
    listAfterMillis = Math.clamp(2 * listAfterMillis, LIST_MILLIS, LIST_MILLIS_MAX);
    return step;
  }

  /// Finds out what comes next.
  private Step place(LogChain chain) throws HoldfastException {
    LogChain.Counted missing = chain.counted(shard, seen, spawner);
    if (!missing.absent().isEmpty()) {
      return Step.HOLE;
    }
    if (!missing.segments().isEmpty()) {
      next = Optional.of(missing.segments().getFirst());
      return Step.CAME;
    }
    int last = Math.max(1, chain.lastEpoch());
    LogChain.End end = chain.end(shard, last);
    SegmentId open = end.seal().isPresent() ? SegmentId.first(shard, last + 1) : end.position();
    next = Optional.of(open);
    return Step.NOTHING;
  }

  /// What a look at the log came to.
  public enum Step {
    /// Nothing has come.
    NOTHING,
    /// The log has grown.
    CAME,
    /// What comes next was cleaned: the state cannot be brought on, and is to be made anew.
    HOLE
  }

  /// Takes segments in the order of the log.
  interface Target {
    /// Throws [CorruptException] if it does not fit, and has changed nothing then.
    void follow(SegmentHeader header) throws HoldfastException;
  }
}
