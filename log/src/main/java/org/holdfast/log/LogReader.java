package org.holdfast.log;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.Range;
import org.holdfast.core.Clock;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;

/// Reads a shard's log from its bucket.
///
/// Threads may share it: it keeps no state.
public final class LogReader {
  /// Bytes fetched to see a header of which nothing is known: nearly every header fits, so that one
  /// request reads it. Of many headers one tells how long the next may be ([FirstRead]).
  static final int FIRST_READ_LENGTH = 64 << 10;

  /// How far headers of at most [#FIRST_READ_LENGTH] are read ahead. How many requests that makes
  /// at once is for the bucket to say. What waits for its turn is bounded by memory: a client that
  /// runs the service inside itself has little.
  private static final ReadAhead.Bounds<Start> SHORT =
      new ReadAhead.Bounds<>(256, 4096, 16 << 20, Start::keptBytes);

  /// Longer headers, a megabyte each, on their way or waiting for their turn.
  private static final int LONG_MAX = 16;

  /// Listings on their way or waiting for their turn.
  private static final int LISTINGS_MAX = 64;

  /// Of so many segments one is whole, or it is no log that this version reads.
  private static final int SERVICE_ASKED_MAX = 100;

  private final Bucket bucket;
  private final LogKey key;
  private final ServiceId service;
  private final Spawner spawner;
  private final Clock clock;
  private final long patienceMillis;

  /// `patienceMillis` is how long what must be there is asked for again.
  public LogReader(
      Bucket bucket,
      LogKey key,
      ServiceId service,
      Spawner spawner,
      Clock clock,
      long patienceMillis) {
    this.bucket = bucket;
    this.key = key;
    this.service = service;
    this.spawner = spawner;
    this.clock = clock;
    this.patienceMillis = patienceMillis;
  }

  /// Whose log is in a bucket, as the first header says whose checksum holds, and that fits its
  /// object's key; empty if there is no segment. Throws [CorruptException] if none of many can be
  /// read.
  public static Optional<ServiceId> service(Bucket bucket)
      throws CorruptException, RefusedException, UnavailableException {
    List<ListedObject> some = bucket.list(SegmentId.PREFIX, "", SERVICE_ASKED_MAX).objects();
    for (ListedObject object : some) {
      Optional<Range> start = bucket.get(object.key(), 0, FIRST_READ_LENGTH);
      Optional<ServiceId> found =
          start.flatMap(each -> Segment.service(each.bytes(), SegmentId.ofKey(object.key())));
      if (found.isPresent()) {
        return found;
      }
    }
    if (some.isEmpty()) {
      return Optional.empty();
    }
    throw new CorruptException(
        "no header of this bucket's log can be read by this version: take a newer one, or restore"
            + " the objects from a copy");
  }

  /// Every segment of the shard that is in the bucket, in the order of the log, with its length in
  /// bytes. Whether it counts is another question: see [LogChain].
  ///
  /// A log that does not fit one page is listed by its 256 hashes, many at a time, so that the time
  /// a listing takes does not follow from its length alone.
  public NavigableMap<SegmentId, Long> list(int shard) throws HoldfastException {
    NavigableMap<SegmentId, Long> found = new TreeMap<>();
    Listing first = bucket.list(SegmentId.PREFIX, "", Bucket.MAX_LISTED);
    if (!first.more()) {
      add(first.objects(), shard, found);
      return found;
    }
    var listings =
        new ReadAhead<>(
            SegmentId.keyPrefixes(), ReadAhead.Bounds.of(LISTINGS_MAX), spawner, this::listAll);
    while (listings.hasNext()) {
      add(listings.next(), shard, found);
    }
    return found;
  }

  /// Whether the shard has at least `count` segments in the bucket, be they ones that count or not:
  /// of a long log this lists little.
  public boolean hasAtLeast(int shard, int count) throws RefusedException, UnavailableException {
    NavigableMap<SegmentId, Long> found = new TreeMap<>();
    String after = "";
    boolean more = true;
    while (more && found.size() < count) {
      Listing page = bucket.list(SegmentId.PREFIX, after, Bucket.MAX_LISTED);
      add(page.objects(), shard, found);
      more = page.more();
      after = more ? page.objects().getLast().key() : after;
    }
    return found.size() >= count;
  }

  private List<ListedObject> listAll(String prefix) throws RefusedException, UnavailableException {
    List<ListedObject> all = new ArrayList<>();
    boolean more = true;
    while (more) {
      String after = all.isEmpty() ? "" : all.getLast().key();
      Listing page = bucket.list(prefix, after, Bucket.MAX_LISTED);
      all.addAll(page.objects());
      more = page.more();
    }
    return all;
  }

  private static void add(
      List<ListedObject> objects, int shard, NavigableMap<SegmentId, Long> found) {
    for (ListedObject object : objects) {
      SegmentId.ofKey(object.key())
          .filter(id -> id.shard() == shard)
          .ifPresent(id -> found.put(id, object.length()));
    }
  }

  /// The headers of these, authenticated, in their order; empty where there is no such segment.
  /// Many are read at once, as far as the bucket allows.
  public Source<Optional<SegmentHeader>> headers(List<SegmentId> ids) {
    return headers(ids, HeaderBytes::parsed);
  }

  /// As [#headers(List)], read by the caller, who may be asked by many threads at once.
  public <T> Source<Optional<T>> headers(List<SegmentId> ids, Reading<T> reading) {
    return new ReadAhead<>(
        starts(ids), ReadAhead.Bounds.of(LONG_MAX), spawner, start -> read(start, reading));
  }

  private Source<Start> starts(List<SegmentId> ids) {
    FirstRead first = new FirstRead(FIRST_READ_LENGTH);
    return new ReadAhead<>(ids, SHORT, spawner, id -> start(id, first));
  }

  /// Authenticates a header that was read before. Takes the array over.
  public HeaderBytes header(SegmentId id, byte[] bytes) throws CorruptException {
    return Segment.authenticated(bytes, key, service, id);
  }

  /// The header, authenticated; empty if there is no such segment.
  public Optional<SegmentHeader> header(SegmentId id)
      throws CorruptException, RefusedException, UnavailableException {
    return read(start(id, new FirstRead(FIRST_READ_LENGTH)), HeaderBytes::parsed);
  }

  /// As [#header], of a segment that must be there: while it is not, it is asked for again as long
  /// as patience goes. A store may be slow to show it.
  public Optional<SegmentHeader> present(SegmentId id)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<SegmentHeader> header = header(id);
    if (header.isPresent()) {
      return header;
    }
    Patience patience = patience();
    while (header.isEmpty() && patience.pause(() -> false)) {
      header = header(id);
    }
    return header;
  }

  /// By which it waits.
  public Clock clock() {
    return clock;
  }

  /// How long what must be there is asked for again.
  public Patience patience() {
    return new Patience(clock, patienceMillis);
  }

  /// As [#patience()], and at most so long.
  public Patience patience(long mostMillis) {
    return new Patience(clock, Math.min(patienceMillis, mostMillis));
  }

  private Start start(SegmentId id, FirstRead first)
      throws CorruptException, RefusedException, UnavailableException {
    int asked = first.length();
    Optional<Range> start = bucket.get(id.key(), 0, asked);
    if (start.isEmpty()) {
      return new Start(id, Optional.empty(), 0);
    }
    try {
      int length = Segment.headerLength(start.get().bytes());
      first.saw(length);
      return length > asked
          ? new Start(id, Optional.empty(), length)
          : new Start(id, Optional.of(header(id, start.get(), length)), 0);
    } catch (CorruptException e) {
      throw damaged(id, e);
    }
  }

  private <T> Optional<T> read(Start start, Reading<T> reading)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<HeaderBytes> header = whole(start);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(reading.read(header.get()));
    } catch (CorruptException e) {
      throw damaged(start.id, e);
    }
  }

  private Optional<HeaderBytes> whole(Start start)
      throws CorruptException, RefusedException, UnavailableException {
    if (start.wholeLength == 0) {
      return start.header;
    }
    Optional<Range> header = bucket.get(start.id.key(), 0, start.wholeLength);
    if (header.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(header(start.id, header.get(), start.wholeLength));
    } catch (CorruptException e) {
      throw damaged(start.id, e);
    }
  }

  private HeaderBytes header(SegmentId id, Range start, int length) throws CorruptException {
    byte[] bytes = start.bytes();
    byte[] exact =
        bytes.length == length ? bytes : Arrays.copyOf(bytes, Math.min(length, bytes.length));
    HeaderBytes read = Segment.authenticated(exact, key, service, id);
    if (read.length() + (long) read.dataLength() != start.objectLength()) {
      throw new CorruptException("it has another length than its header says");
    }
    return read;
  }

  private static CorruptException damaged(SegmentId id, CorruptException e) {
    return new CorruptException(
        id
            + " (object "
            + id.key()
            + ") is damaged ("
            + e.getMessage()
            + "): restore the object from a copy of the bucket",
        e);
  }

  /// Takes from a header what is wanted of it.
  public interface Reading<T> {
    T read(HeaderBytes header) throws CorruptException;
  }

  /// What the first request of a header showed: the header, that it is longer than that, or that
  /// there is none.
  ///
  /// @param wholeLength of a header that did not come yet, in bytes; 0 if it did, or is not there
  private record Start(SegmentId id, Optional<HeaderBytes> header, int wholeLength) {
    int keptBytes() {
      return header.map(HeaderBytes::length).orElse(0);
    }

    /// Names the thread that reads on: not with all that the header says.
    @Override
    public String toString() {
      return id.toString();
    }
  }
}
