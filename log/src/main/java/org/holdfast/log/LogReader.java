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
  /// Bytes fetched to see a header; nearly every header fits, so that one request reads it.
  private static final int FIRST_READ_LENGTH = 64 << 10;

  private final Bucket bucket;
  private final LogKey key;
  private final ServiceId service;
  private final Spawner spawner;

  public LogReader(Bucket bucket, LogKey key, ServiceId service, Spawner spawner) {
    this.bucket = bucket;
    this.key = key;
    this.service = service;
    this.spawner = spawner;
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
    var listings = new ReadAhead<>(SegmentId.keyPrefixes(), spawner, this::listAll);
    while (listings.hasNext()) {
      add(listings.next(), shard, found);
    }
    return found;
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

  /// The header, authenticated; empty if there is no such segment.
  public Optional<SegmentHeader> header(SegmentId id)
      throws CorruptException, RefusedException, UnavailableException {
    Optional<Range> start = bucket.get(id.key(), 0, FIRST_READ_LENGTH);
    if (start.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] header = start.get().bytes();
      int length = Segment.headerLength(header);
      if (length > header.length) {
        header = bucket.get(id.key(), 0, length).map(Range::bytes).orElse(header);
      }
      byte[] exact =
          header.length == length ? header : Arrays.copyOf(header, Math.min(length, header.length));
      SegmentHeader read = Segment.readHeader(exact, key, service, id);
      if (read.headerLength() + (long) read.dataLength() != start.get().objectLength()) {
        throw new CorruptException("it has another length than its header says");
      }
      return Optional.of(read);
    } catch (CorruptException e) {
      throw new CorruptException(
          id
              + " (object "
              + id.key()
              + ") is damaged ("
              + e.getMessage()
              + "): restore the object from a copy of the bucket",
          e);
    }
  }
}
