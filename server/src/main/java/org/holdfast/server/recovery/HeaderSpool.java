package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.CorruptException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogReader;
import org.holdfast.log.SegmentId;

/// The headers that were read, in one file, so that none is read from the bucket twice.
///
/// ```
/// +----------+---------+----------+--------------------+ +--
/// | length 4 | epoch 4 | number 8 | header, as it is   | | the next
/// +----------+---------+----------+--------------------+ +--
/// ```
///
/// Each is authenticated whenever it is read. One thread adds, and flushes; then any may read.
final class HeaderSpool implements AutoCloseable {
  private static final int FRAME_LENGTH = 16;

  private final int shard;
  private final LogReader reader;
  private final ScratchFile file;
  private final ByteBuffer frame = ByteBuffer.allocate(FRAME_LENGTH);
  private final Map<SegmentId, Place> places = new HashMap<>();

  private HeaderSpool(int shard, LogReader reader, ScratchFile file) {
    this.shard = shard;
    this.reader = reader;
    this.file = file;
  }

  /// With the headers that the file holds up to the first that is not whole; without `resume` they
  /// are forgotten.
  static HeaderSpool open(int shard, LogReader reader, Spawner spawner, Path path, boolean resume)
      throws UnavailableException {
    HeaderSpool spool = new HeaderSpool(shard, reader, ScratchFile.open(path, spawner));
    if (resume) {
      spool.scan();
    } else {
      spool.file.cut(0);
    }
    return spool;
  }

  boolean has(SegmentId id) {
    return places.containsKey(id);
  }

  /// Where no segment of another's was.
  boolean isSeal(SegmentId id) {
    Place place = places.get(id);
    return place != null && place.seal;
  }

  void add(HeaderBytes header) throws UnavailableException {
    frame.clear();
    frame.putInt(header.length()).putInt(header.id().epoch()).putLong(header.id().number());
    file.append(frame.array(), 0, FRAME_LENGTH);
    note(header, file.length());
    file.append(header.bytes(), 0, header.length());
  }

  /// Whoever reads finds all that was added.
  void flush() throws UnavailableException {
    file.flush();
  }

  /// Where the headers of these segments are, in lists of about `length` bytes of headers. They can
  /// be read while others are added.
  List<List<Place>> batches(List<SegmentId> segments, int length) {
    List<List<Place>> batches = new ArrayList<>();
    List<Place> batch = new ArrayList<>();
    long sum = 0;
    for (SegmentId id : segments) {
      Place place = places.get(id);
      if (place == null) {
        throw new IllegalArgumentException(id + " was not read");
      }
      batch.add(place);
      sum += place.length;
      if (sum >= length) {
        batches.add(batch);
        batch = new ArrayList<>();
        sum = 0;
      }
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }

  /// Headers, in their order.
  List<HeaderBytes> headers(List<Place> batch) throws CorruptException, UnavailableException {
    List<HeaderBytes> headers = new ArrayList<>(batch.size());
    for (Place place : batch) {
      headers.add(reader.header(place.id, file.read(place.at, place.length)));
    }
    return headers;
  }

  @Override
  public void close() {
    file.close();
  }

  private void scan() throws UnavailableException {
    long at = 0;
    try {
      while (file.length() - at > FRAME_LENGTH) {
        ByteBuffer next = ByteBuffer.wrap(file.read(at, FRAME_LENGTH));
        int length = next.getInt();
        int epoch = next.getInt();
        long number = next.getLong();
        if (epoch < 1 || number < 1 || length < 0 || length > file.length() - at - FRAME_LENGTH) {
          break;
        }
        SegmentId id = new SegmentId(shard, epoch, number);
        note(reader.header(id, file.read(at + FRAME_LENGTH, length)), at + FRAME_LENGTH);
        at += FRAME_LENGTH + length;
      }
    } catch (CorruptException | UnavailableException e) {
      // A crash, or the disk, has left it like that; the rest is read from the bucket.
    }
    file.cut(at);
  }

  private void note(HeaderBytes header, long at) {
    places.put(header.id(), new Place(header.id(), at, header.length(), header.seal()));
  }

  /// Of a header, in the file.
  record Place(SegmentId id, long at, int length, boolean seal) {}
}
