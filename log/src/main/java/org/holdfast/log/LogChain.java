package org.holdfast.log;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Tells which of a shard's segments count (`docs/format.md`, "What counts").
///
/// The listing it works on may be older than the bucket: what has come since lies at or behind the
/// [End] it finds, and a seal that is put there by condition decides.
public final class LogChain {
  private static final String LOST_END = "the bucket's log ends before ";

  /// Epochs whose ends are read at once; each may hold a header of a megabyte.
  private static final int ENDS_MAX = 32;

  private final LogReader reader;
  private final NavigableMap<SegmentId, Long> present;

  /// What was asked for once is not asked for again: it follows from the listing.
  private final Map<Integer, End> ends = new ConcurrentHashMap<>();

  public LogChain(LogReader reader, NavigableMap<SegmentId, Long> present) {
    this.reader = reader;
    this.present = present;
  }

  /// The log as it is listed. `seen` is a segment that the caller knows to be durable, if any:
  /// while the log does not reach it, it is listed again as long as patience goes; then
  /// [#checkReaches].
  public static LogChain of(LogReader reader, int shard, Optional<SegmentId> seen)
      throws HoldfastException {
    LogChain chain = new LogChain(reader, reader.list(shard));
    if (seen.isEmpty()) {
      return chain;
    }
    Patience patience = reader.patience();
    while (!chain.reaches(seen.get()) && patience.pause(() -> false)) {
      chain = new LogChain(reader, reader.list(shard));
    }
    chain.checkReaches(seen.get());
    return chain;
  }

  /// Every segment that was listed, with its length in bytes.
  public NavigableMap<SegmentId, Long> present() {
    return present;
  }

  /// The greatest epoch of which there is a segment; 0 if there is none.
  public int lastEpoch() {
    return present.isEmpty() ? 0 : present.lastKey().epoch();
  }

  /// Where an epoch ends.
  public End end(int shard, int epoch)
      throws CorruptException, RefusedException, UnavailableException {
    End known = ends.get(epoch);
    if (known != null) {
      return known;
    }
    End found = find(shard, epoch);
    ends.put(epoch, found);
    return found;
  }

  private End find(int shard, int epoch)
      throws CorruptException, RefusedException, UnavailableException {
    SortedMap<SegmentId, Long> segments = epoch(shard, epoch);
    long stable = 0;
    Iterator<SegmentId> backwards = segments.reversed().keySet().iterator();
    // A writer has at most so many segments on their way when it is sealed, so the seal is among
    // the last ones. So is the greatest `stable`, which need not be the last one's: a segment that
    // lost against the seal knows less than the seal.
    for (int i = 0; i <= LogWriter.IN_FLIGHT_MAX && backwards.hasNext(); i++) {
      SegmentHeader header = header(backwards.next());
      // A seal at a number that was stable came late, where a segment was cleaned meanwhile.
      if (header.seal() && header.id().number() > stable) {
        return new End(header.id(), Optional.of(header));
      }
      stable = Math.max(stable, header.stable());
    }
    SegmentId gap = SegmentId.first(shard, epoch);
    for (SegmentId id : segments.keySet()) {
      // Of the absent numbers before this segment, the first that was never there.
      long never = Math.max(gap.number(), stable + 1);
      if (id.number() > never) {
        gap = new SegmentId(shard, epoch, never);
        break;
      }
      gap = id.next();
    }
    return new End(gap, Optional.empty());
  }

  /// Where the log goes on, if it does so behind what is listed: behind the seal of the last epoch,
  /// or where that has its end.
  public SegmentId next(int shard) throws CorruptException, RefusedException, UnavailableException {
    int last = Math.max(1, lastEpoch());
    End end = end(shard, last);
    return end.seal().isPresent() ? SegmentId.first(shard, last + 1) : end.position();
  }

  /// The last segment that is not a seal before the end of an epoch; empty if there is none.
  Optional<SegmentId> before(SegmentId end)
      throws CorruptException, RefusedException, UnavailableException {
    SegmentId position = end;
    while (position.number() == 1 && position.epoch() > 1) {
      position = end(end.shard(), position.epoch() - 1).position();
    }
    return position.number() == 1
        ? Optional.empty()
        : Optional.of(new SegmentId(end.shard(), position.epoch(), position.number() - 1));
  }

  /// Whether the log holds this segment, or has held it: its end comes after it.
  public boolean reaches(SegmentId id)
      throws CorruptException, RefusedException, UnavailableException {
    return id.epoch() <= lastEpoch() && id.compareTo(end(id.shard(), id.epoch()).position()) < 0;
  }

  /// Whether that is what [#checkReaches] says.
  public static boolean isLostEnd(RefusedException why) {
    return why.getMessage().startsWith(LOST_END);
  }

  /// Throws [RefusedException] unless the log reaches a segment that the caller knows to have been
  /// acknowledged: the bucket has lost its end, or is an older copy.
  public void checkReaches(SegmentId seen)
      throws CorruptException, RefusedException, UnavailableException {
    if (!reaches(seen)) {
      throw new RefusedException(
          LOST_END
              + seen
              + " (object "
              + seen.key()
              + "), which is known to have been acknowledged: the bucket has lost objects, or does"
              + " not show them. Restore them from a copy; to go on without them, for good,"
              + " `holdfast rebuild --override lost-end`; without a server, delete the cache"
              + " folder");
    }
  }

  /// What counts and comes after `from` (exclusive; empty: from the start). The epochs' ends are
  /// read several at a time.
  public Counted counted(int shard, Optional<SegmentId> from, Spawner spawner)
      throws HoldfastException {
    return counted(shard, from, Set.of(), spawner);
  }

  /// As [#counted], with segments that are known to be retired: they are taken for absent.
  public Counted counted(
      int shard, Optional<SegmentId> from, Set<SegmentId> retired, Spawner spawner)
      throws HoldfastException {
    List<SegmentId> counted = new ArrayList<>();
    List<SegmentRange> absent = new ArrayList<>();
    int first = from.map(SegmentId::epoch).orElse(1);
    List<Integer> epochs = IntStream.rangeClosed(first, lastEpoch()).boxed().toList();
    ReadAhead<Integer, End> ends =
        new ReadAhead<>(epochs, ReadAhead.Bounds.of(ENDS_MAX), spawner, epoch -> end(shard, epoch));
    for (int epoch : epochs) {
      End found = ends.next();
      SegmentId end = found.position();
      if (epoch < lastEpoch() && found.seal().isEmpty()) {
        throw sealMissing(end);
      }
      SegmentId next = SegmentId.first(shard, epoch);
      if (from.isPresent() && from.get().compareTo(next) >= 0) {
        next = from.get().next();
      }
      for (SegmentId id : present.subMap(next, max(next, end)).keySet()) {
        if (!retired.contains(id)) {
          addAbsent(next, id, absent);
          counted.add(id);
          next = id.next();
        }
      }
      addAbsent(next, end, absent);
    }
    return new Counted(counted, absent);
  }

  private static SegmentId max(SegmentId one, SegmentId other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private static void addAbsent(SegmentId from, SegmentId to, List<SegmentRange> absent) {
    if (from.number() < to.number()) {
      absent.add(new SegmentRange(from, new SegmentId(to.shard(), to.epoch(), to.number() - 1)));
    }
  }

  /// An epoch has a seal before there is a later one. A listing takes a while, though: it may show
  /// a segment of the later epoch, and not the seal that came first; or a store is slow to show it.
  private CorruptException sealMissing(SegmentId end) throws HoldfastException {
    if (reader.present(end).isPresent() || isSealed(end)) {
      throw new UnavailableException(
          "another server took the log over while it was read: try again", 1000);
    }
    return new CorruptException(
        "the seal of epoch "
            + end.epoch()
            + " is missing (object "
            + end.key()
            + "; where segments were cleaned, one of that epoch with a higher number): restore it"
            + " from a copy of the bucket");
  }

  /// Whether another listing shows the seal: where segments before it were cleaned, nobody knows
  /// its place.
  private boolean isSealed(SegmentId end) throws HoldfastException {
    Patience patience = reader.patience();
    do {
      LogChain again = new LogChain(reader, reader.list(end.shard()));
      if (again.end(end.shard(), end.epoch()).seal().isPresent()) {
        return true;
      }
    } while (patience.pause(() -> false));
    return false;
  }

  private SortedMap<SegmentId, Long> epoch(int shard, int epoch) {
    return present.subMap(SegmentId.first(shard, epoch), SegmentId.first(shard, epoch + 1));
  }

  private SegmentHeader header(SegmentId id)
      throws CorruptException, RefusedException, UnavailableException {
    return reader
        .present(id)
        .orElseThrow(() -> new UnavailableException(id + " is listed but cannot be read: retry"));
  }

  /// The segments that count, without the seals, and those before the ends of their epochs that are
  /// not there, both in the order of the log.
  public record Counted(List<SegmentId> segments, List<SegmentRange> absent) {
    public Counted {
      segments = List.copyOf(segments);
      absent = List.copyOf(absent);
    }
  }

  /// The end of an epoch: its seal, or where one would go.
  public record End(SegmentId position, Optional<SegmentHeader> seal) {}
}
