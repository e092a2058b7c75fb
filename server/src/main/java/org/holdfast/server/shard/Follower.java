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

  /// So many are asked for at once: as many more each time as were there.
  private int ahead = 1;

  /// Whether what comes next is a seal.
  private boolean isAtSeal;

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

  /// Applies some of what is there by now; if something was, there may be more.
  public Step advance() throws HoldfastException {
    if (next.isEmpty()) {
      Step step = list();
      if (step == Step.HOLE) {
        return step;
      }
    }
    return applyNext();
  }

  /// Applies all that is there by now, by a listing: what comes next is not taken for missing
  /// before somebody relies on that. Answers whether that can be done.
  public boolean isUpToDate() throws HoldfastException {
    Step step = list();
    while (step == Step.CAME) {
      step = applyNext();
    }
    return step != Step.HOLE;
  }

  /// Nothing was asked for a while, or in vain: what comes next may have been cleaned meanwhile.
  public void doubt() {
    listAfterMillis = Math.min(listAfterMillis, LIST_MILLIS);
  }

  /// Applies all of a log that was just taken over.
  public Step finish(LogChain chain) throws HoldfastException {
    LogChain.Counted missing = chain.counted(shard, seen, spawner);
    boolean isWhole = missing.absent().isEmpty();
    List<SegmentId> left = missing.segments();
    return isWhole && apply(left) == left.size() ? Step.CAME : Step.HOLE;
  }

  private Step applyNext() throws HoldfastException {
    List<SegmentId> wanted = from(next.orElseThrow(), ahead);
    int applied = apply(wanted);
    ahead = applied == wanted.size() ? Math.min(AHEAD_MAX, 2 * ahead) : 1;
    if (applied > 0) {
      listAfterMillis = LIST_MILLIS;
      listedNanos = clock.nanos();
      return Step.CAME;
    }
    boolean isTime = clock.nanos() - listedNanos >= listAfterMillis * 1_000_000;
    return isAtSeal || isTime ? list() : Step.NOTHING;
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
    isAtSeal = false;
    Source<Optional<SegmentHeader>> headers = reader.headers(ids);
    for (int i = 0; i < ids.size(); i++) {
      Optional<SegmentHeader> header = headers.next();
      if (header.isEmpty()) {
        return i;
      }
      if (header.get().seal()) {
        // Where the log goes on behind it, if that is the epoch's end, a listing says.
        isAtSeal = true;
        return i;
      }
      target.follow(header.get());
      seen = Optional.of(ids.get(i));
      next = Optional.of(ids.get(i).next());
    }
    return ids.size();
  }

  private Step list() throws HoldfastException {
    // Also if it fails: a listing costs a large log hundreds of requests.
    listedNanos = clock.nanos();
    listAfterMillis = Math.clamp(2 * listAfterMillis, LIST_MILLIS, LIST_MILLIS_MAX);
    return place(LogChain.of(reader, shard, seen));
  }

  /// Finds out what comes next.
  private Step place(LogChain chain) throws HoldfastException {
    LogChain.Counted missing = chain.counted(shard, seen, spawner);
    if (!missing.absent().isEmpty()) {
      return placeAt(missing.absent().getFirst().first());
    }
    if (!missing.segments().isEmpty()) {
      return placeAt(missing.segments().getFirst());
    }
    next = Optional.of(chain.next(shard));
    return Step.NOTHING;
  }

  /// A listing is not of one moment, so one that it lacks may be there. A seal that stands before
  /// the end of its epoch came late, to the place of a segment that was cleaned.
  private Step placeAt(SegmentId id) throws HoldfastException {
    if (reader.header(id).filter(header -> !header.seal()).isEmpty()) {
      return Step.HOLE;
    }
    next = Optional.of(id);
    return Step.CAME;
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
