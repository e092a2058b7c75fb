package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogReader;
import org.holdfast.log.ReadAhead;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;

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

  /// Headers are read so many bytes at a time: handing over each by itself takes longer than
  /// reading it.
  private static final int BATCH_LENGTH = 256 << 10;

  /// Batches on their way.
  private static final int BATCHES = 8;

  /// A file is looked through so many bytes at a time.
  private static final int WINDOW_LENGTH = 4 << 20;

  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final ScratchFile file;
  private final ByteBuffer frame = ByteBuffer.allocate(FRAME_LENGTH);
  private final Map<SegmentId, Place> places = new HashMap<>();

  private HeaderSpool(int shard, LogReader reader, Spawner spawner, ScratchFile file) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.file = file;
  }

  /// With the headers that the file holds up to the first that is not whole; without `resume` they
  /// are forgotten.
  static HeaderSpool open(int shard, LogReader reader, Spawner spawner, Path path, boolean resume)
      throws UnavailableException {
    HeaderSpool spool = new HeaderSpool(shard, reader, spawner, ScratchFile.open(path, spawner));
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

  /// What is made of the headers of these segments, in their order; several are read at a time, and
  /// others may be added meanwhile.
  <T> Source<T> headers(List<SegmentId> segments, LogReader.Reading<T> reading) {
    ReadAhead<List<Place>, List<T>> batches =
        new ReadAhead<>(
            batches(segments),
            ReadAhead.Bounds.of(BATCHES),
            spawner,
            places -> {
              List<T> made = new ArrayList<>(places.size());
              for (Place place : places) {
                byte[] header = file.read(place.at, place.length);
                made.add(reading.read(reader.header(place.id, header)));
              }
              return made;
            });
    return new Source<>() {
      private Iterator<T> batch = Collections.emptyIterator();

      @Override
      public boolean hasNext() {
        return batch.hasNext() || batches.hasNext();
      }

      @Override
      public T next() throws HoldfastException {
        if (!batch.hasNext()) {
          batch = batches.next().iterator();
        }
        return batch.next();
      }
    };
  }

  private List<List<Place>> batches(List<SegmentId> segments) {
    List<List<Place>> batches = new ArrayList<>();
    long sum = BATCH_LENGTH;
    for (SegmentId id : segments) {
      Place place = places.get(id);
      if (place == null) {
        throw new IllegalArgumentException(id + " was not read");
      }
      if (sum >= BATCH_LENGTH) {
        batches.add(new ArrayList<>());
        sum = 0;
      }
      batches.getLast().add(place);
      sum += place.length;
    }
    return batches;
  }

  @Override
  public void close() {
    file.close();
  }

  private void scan() throws UnavailableException {
    Window window = new Window();
    long at = 0;
    try {
      while (file.length() - at > FRAME_LENGTH) {
        ByteBuffer next = ByteBuffer.wrap(window.read(at, FRAME_LENGTH));
        int length = next.getInt();
        int epoch = next.getInt();
        long number = next.getLong();
        long left = file.length() - at - FRAME_LENGTH;
        boolean isLength = length >= 0 && length <= Math.min(left, Segment.HEADER_LENGTH_MAX);
        if (epoch < 1 || number < 1 || !isLength) {
          break;
        }
        SegmentId id = new SegmentId(shard, epoch, number);
        note(reader.header(id, window.read(at + FRAME_LENGTH, length)), at + FRAME_LENGTH);
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
  private record Place(SegmentId id, long at, int length, boolean seal) {}

  /// What lies about where the file is looked at.
  private final class Window {
    private byte[] bytes = new byte[0];
    private long begin;

    byte[] read(long at, int count) throws UnavailableException {
      if (at < begin || at + count > begin + bytes.length) {
        begin = at;
        bytes = file.read(at, (int) Math.min(file.length() - at, Math.max(count, WINDOW_LENGTH)));
      }
      int from = (int) (at - begin);
      return Arrays.copyOfRange(bytes, from, from + count);
    }
  }
}
