package org.holdfast.log;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.ListedObject;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
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

  public LogReader(Bucket bucket, LogKey key, ServiceId service) {
    this.bucket = bucket;
    this.key = key;
    this.service = service;
  }

  /// Every segment of the shard that is in the bucket, in the order of the log, with its length in
  /// bytes. Whether it counts is another question: see [LogChain].
  public NavigableMap<SegmentId, Long> list(int shard)
      throws CorruptException, RefusedException, UnavailableException {
    NavigableMap<SegmentId, Long> found = new TreeMap<>();
    String after = "";
    boolean more = true;
    while (more) {
      var page = bucket.list(SegmentId.PREFIX, after, Bucket.MAX_LISTED);
      for (ListedObject object : page.objects()) {
        after = object.key();
        SegmentId.ofKey(object.key())
            .filter(id -> id.shard() == shard)
            .ifPresent(id -> found.put(id, object.length()));
      }
      more = page.more();
    }
    return found;
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
