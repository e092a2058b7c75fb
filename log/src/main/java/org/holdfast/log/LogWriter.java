package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.Clock;
import org.holdfast.core.Invariant;
import org.holdfast.core.ServiceId;

/// Appends records to one epoch of a shard's log.
///
/// Records collect in an open segment. A closed segment is handed to the [Store] at once; several
/// are on their way at a time. They become durable in order: a segment counts only when it and
/// every segment before it are in the bucket, whichever arrives first.
///
/// Invariants: record numbers rise by one; segment numbers rise by one; at most [#IN_FLIGHT_MAX]
/// segments are on their way, or fewer if the writer is told so, so that memory is bounded and a
/// reader finds the end of an epoch after at most as many gaps.
///
/// Not thread-safe: the shard's owner calls every method, [#stored] included.
public final class LogWriter {
  /// A segment is closed when its data reaches this, in bytes. Object stores serve ranges of 8 to
  /// 16 MiB at full rate, and a PUT costs the same whatever its size.
  public static final int SEGMENT_DATA_LENGTH = 16 << 20;

  /// Segments on their way at a time. Four hide a PUT of 100 ms behind 640 MB/s of data.
  public static final int IN_FLIGHT_MAX = 4;

  private static final int SEGMENT_RECORDS_LENGTH = 1 << 20;

  private final ServiceId service;
  private final LogKey key;
  private final Clock clock;
  private final Store store;
  private final int dataLengthMax;
  private final int inFlightMax;
  private final Deque<Pending> inFlight = new ArrayDeque<>();
  private SegmentBuilder open;
  private long nextRecord;
  private long stable;

  /// Writes from `first` on, which must be the first segment of an epoch that the caller owns;
  /// `nextRecord` is the number of the first record to come.
  public LogWriter(
      ServiceId service, LogKey key, SegmentId first, long nextRecord, Clock clock, Store store) {
    this(service, key, first, nextRecord, clock, store, SEGMENT_DATA_LENGTH, IN_FLIGHT_MAX);
  }

  /// With segments that are closed when their data reaches `dataLengthMax` bytes, of which
  /// `inFlightMax` are on their way at a time.
  public LogWriter(
      ServiceId service,
      LogKey key,
      SegmentId first,
      long nextRecord,
      Clock clock,
      Store store,
      int dataLengthMax,
      int inFlightMax) {
    Invariant.check(first.number() == 1 && nextRecord >= 1, "an epoch is written from its start");
    Invariant.check(inFlightMax >= 1 && inFlightMax <= IN_FLIGHT_MAX, "a reader bears the gaps");
    this.service = service;
    this.key = key;
    this.clock = clock;
    this.store = store;
    this.dataLengthMax = dataLengthMax;
    this.inFlightMax = inFlightMax;
    this.nextRecord = nextRecord;
    this.open = new SegmentBuilder(service, first, false);
  }

  /// The number that the next record gets.
  public long nextRecord() {
    return nextRecord;
  }

  /// The segment that the next record goes to.
  public SegmentId openSegment() {
    return open.id();
  }

  /// Whether a record with so many bytes of data may be appended, after [#roll]. If not, a segment
  /// must be stored first.
  public boolean hasRoom(int dataLength) {
    return fits(dataLength) || inFlight.size() < inFlightMax;
  }

  /// Closes the open segment if it is full, or has no place for so many bytes of data, and returns
  /// its header. Empty if there is no need, or if too many segments are on their way.
  public Optional<SegmentHeader> roll(int dataLength) {
    return fits(dataLength) || inFlight.size() >= inFlightMax
        ? Optional.empty()
        : Optional.of(close());
  }

  /// Adds a record to the open segment; `block` is its data, empty if it has none, and must not
  /// change afterwards. The caller has made room.
  public LogEntry append(LogRecord item, ByteBuffer block) {
    Invariant.check(fits(block.remaining()), "the open segment has room");
    return open.add(nextRecord++, item, block);
  }

  /// Whether records wait in the open segment.
  public boolean hasOpenRecords() {
    return !open.isEmpty();
  }

  /// Closes the open segment, so that what it holds becomes durable, and returns its header. Empty
  /// if it holds nothing, or if too many segments are on their way: call again after [#stored].
  public Optional<SegmentHeader> flush() {
    return open.isEmpty() || inFlight.size() >= inFlightMax
        ? Optional.empty()
        : Optional.of(close());
  }

  /// The store has put this segment. Returns the segments that are durable from here on, in order.
  public List<SegmentHeader> stored(SegmentId id) {
    for (Pending pending : inFlight) {
      if (pending.header.id().equals(id)) {
        Invariant.check(!pending.stored, "a segment is stored once");
        pending.stored = true;
      }
    }
    List<SegmentHeader> durable = new ArrayList<>();
    while (!inFlight.isEmpty() && inFlight.peekFirst().stored) {
      SegmentHeader header = inFlight.removeFirst().header;
      stable = header.id().number();
      durable.add(header);
    }
    return durable;
  }

  /// The segments that are not known to be stored, the open one last: whoever takes the log over
  /// puts a seal in the place of one of them.
  public List<SegmentId> unstored() {
    List<SegmentId> unstored = new ArrayList<>();
    inFlight.stream()
        .filter(pending -> !pending.stored)
        .forEach(pending -> unstored.add(pending.header.id()));
    unstored.add(open.id());
    return unstored;
  }

  /// Whether every record is durable.
  public boolean isIdle() {
    return open.isEmpty() && inFlight.isEmpty();
  }

  /// Segments on their way.
  public int inFlight() {
    return inFlight.size();
  }

  /// What the open segment and those on their way hold in memory, in bytes.
  public long heldBytes() {
    long bytes = open.dataLength() + (long) open.recordsLength();
    for (Pending pending : inFlight) {
      bytes += pending.header.headerLength() + (long) pending.header.dataLength();
    }
    return bytes;
  }

  private boolean fits(int dataLength) {
    return open.dataLength() < dataLengthMax
        && open.recordsLength() < SEGMENT_RECORDS_LENGTH
        && open.dataLength() + (long) dataLength <= Segment.DATA_LENGTH_MAX;
  }

  private SegmentHeader close() {
    SegmentBuilder.Closed closed = open.close(stable, clock.wallMillis(), key);
    SegmentHeader header = closed.header();
    inFlight.addLast(new Pending(header));
    open = new SegmentBuilder(service, header.id().next(), false);
    store.put(header.id(), closed.body());
    return header;
  }

  /// Takes closed segments to the bucket.
  public interface Store {
    /// Starts a PUT and returns at once. When the segment is in the bucket, [LogWriter#stored] is
    /// called by the owner; if it cannot be stored, the owner stops.
    void put(SegmentId id, List<ByteBuffer> body);
  }

  private static final class Pending {
    final SegmentHeader header;
    boolean stored;

    Pending(SegmentHeader header) {
      this.header = header;
    }
  }
}
