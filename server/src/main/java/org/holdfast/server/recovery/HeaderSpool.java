package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
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

  /// So much is written at a time: a header by itself takes longer to hand over than to copy.
  private static final int BUFFER_LENGTH = 1 << 20;

  private final int shard;
  private final LogReader reader;
  private final ScratchFile file;

  /// Not a direct one: that would be given back when a collection finds it, and who makes many
  /// waits for one, on a monitor.
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_LENGTH);

  private final Map<SegmentId, Place> places = new HashMap<>();
  private final Map<SegmentId, List<Notable>> notables = new HashMap<>();

  /// Records of blocks, by machine and class, whether they count or not.
  private final SortedMap<MachineId, long[]> blocks = new TreeMap<>();

  private HeaderSpool(int shard, LogReader reader, ScratchFile file) {
    this.shard = shard;
    this.reader = reader;
    this.file = file;
  }

  /// With the headers that the file holds up to the first that is not whole; without `resume` they
  /// are forgotten.
  static HeaderSpool open(int shard, LogReader reader, Path path, boolean resume)
      throws UnavailableException {
    HeaderSpool spool = new HeaderSpool(shard, reader, ScratchFile.open(path));
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

  int size() {
    return places.size();
  }

  /// Where no segment of another's was.
  boolean isSeal(SegmentId id) {
    Place place = places.get(id);
    return place != null && place.seal;
  }

  void add(HeaderNotes notes) throws UnavailableException {
    HeaderBytes header = notes.header();
    room(FRAME_LENGTH);
    long at = file.length() + buffer.position() + FRAME_LENGTH;
    buffer.putInt(header.length()).putInt(header.id().epoch()).putLong(header.id().number());
    for (int from = 0; from < header.length(); ) {
      room(1);
      int length = Math.min(header.length() - from, buffer.remaining());
      header.copyTo(buffer, from, length);
      from += length;
    }
    note(notes, at);
  }

  /// Whoever reads finds all that was added.
  void flush() throws UnavailableException {
    file.append(buffer.flip());
    buffer.clear();
  }

  private void room(int length) throws UnavailableException {
    if (buffer.remaining() < length) {
      flush();
    }
  }

  /// The same segments, in lists whose headers have about `length` bytes together.
  List<List<SegmentId>> batches(List<SegmentId> segments, int length) {
    List<List<SegmentId>> batches = new ArrayList<>();
    int from = 0;
    long sum = 0;
    for (int i = 0; i < segments.size(); i++) {
      sum += place(segments.get(i)).length;
      if (sum >= length || i == segments.size() - 1) {
        batches.add(segments.subList(from, i + 1));
        from = i + 1;
        sum = 0;
      }
    }
    return batches;
  }

  /// Their headers, in their order.
  List<HeaderBytes> headers(List<SegmentId> segments)
      throws CorruptException, UnavailableException {
    List<HeaderBytes> headers = new ArrayList<>(segments.size());
    for (SegmentId id : segments) {
      Place place = place(id);
      headers.add(reader.header(id, file.read(place.at, place.length)));
    }
    return headers;
  }

  private Place place(SegmentId id) {
    Place place = places.get(id);
    if (place == null) {
      throw new IllegalArgumentException(id + " was not read");
    }
    return place;
  }

  /// In the order of the segment's records.
  List<Notable> notables(SegmentId id) {
    return notables.getOrDefault(id, List.of());
  }

  SortedMap<MachineId, long[]> blocks() {
    return blocks;
  }

  @Override
  public void close() {
    file.close();
  }

  private void scan() throws UnavailableException {
    long at = 0;
    try {
      while (file.length() - at > FRAME_LENGTH) {
        ByteBuffer frame = ByteBuffer.wrap(file.read(at, FRAME_LENGTH));
        int length = frame.getInt();
        int epoch = frame.getInt();
        long number = frame.getLong();
        if (epoch < 1 || number < 1 || length < 0 || length > file.length() - at - FRAME_LENGTH) {
          break;
        }
        SegmentId id = new SegmentId(shard, epoch, number);
        HeaderBytes header = reader.header(id, file.read(at + FRAME_LENGTH, length));
        note(HeaderNotes.of(header), at + FRAME_LENGTH);
        at += FRAME_LENGTH + length;
      }
    } catch (CorruptException | UnavailableException e) {
      // A crash, or the disk, has left it like that; the rest is read from the bucket.
    }
    file.cut(at);
  }

  private void note(HeaderNotes notes, long at) {
    HeaderBytes header = notes.header();
    places.put(header.id(), new Place(at, header.length(), header.seal()));
    if (!notes.notables().isEmpty()) {
      notables.put(header.id(), notes.notables());
    }
    notes
        .blocks()
        .forEach((machine, counts) -> {
          long[] sums = blocks.computeIfAbsent(machine, _ -> new long[BlockPlan.CLASSES]);
          for (int i = 0; i < sums.length; i++) {
            sums[i] += counts[i];
          }
        });
  }

  private record Place(long at, int length, boolean seal) {}
}
