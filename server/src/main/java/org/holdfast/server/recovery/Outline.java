package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogEntry;
import org.holdfast.log.RecordCursor;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRun;
import org.holdfast.server.state.ShardState;

/// What a state without blocks wants to know of segments, in one file, until it is known which of
/// them count. They are counted from 0 on, in the order in which they come.
///
/// ```
/// +------+--------+------------+---------+---------+--------+
/// | 1    | asks 1 | machine 16 | begun 8 | first 8 | last 8 |    records of blocks
/// | 2    | data offset 4 | record, as in its header |            any other
/// +------+---------------+--------------------------+
/// ```
///
/// One thread adds, and flushes; then any may read.
final class Outline implements AutoCloseable {
  /// An item is at most so much longer than its records are.
  static final int LONGER_MAX = 5;

  private static final byte BLOCKS = 1;
  private static final byte OTHER = 2;
  private static final List<BlockRun.Asks> ASKS = List.of(BlockRun.Asks.values());

  private final ScratchFile file;
  private final List<SegmentId> ids = new ArrayList<>();
  private final Map<SegmentId, List<Notable>> notables = new HashMap<>();

  /// Where each begins in the file, and the lengths of its header and its data.
  private long[] starts = new long[1024];

  private int[] lengths = new int[2048];

  Outline(Path path, Spawner spawner) throws UnavailableException {
    this.file = ScratchFile.open(path, spawner);
    file.cut(0);
  }

  static void put(ByteBuffer out, RecordCursor other) {
    out.put(OTHER).putInt(other.dataOffset());
    other.copyTo(out);
  }

  static void put(ByteBuffer out, BlockRun run) {
    out.put(BLOCKS).put((byte) ASKS.indexOf(run.asks()));
    out.put(run.machine().bytes().toArray());
    out.putLong(run.begun()).putLong(run.first()).putLong(run.last());
  }

  /// As the next.
  void add(Routed routed) throws UnavailableException {
    int segment = ids.size();
    HeaderBytes header = routed.header();
    ids.add(header.id());
    if (segment == starts.length) {
      starts = Arrays.copyOf(starts, 2 * segment);
      lengths = Arrays.copyOf(lengths, 4 * segment);
    }
    starts[segment] = file.length();
    lengths[2 * segment] = header.length();
    lengths[2 * segment + 1] = header.dataLength();
    if (!routed.notables().isEmpty()) {
      notables.put(header.id(), routed.notables());
    }
    file.append(routed.outline(), 0, routed.outlineLength());
  }

  /// How many segments there are.
  int count() {
    return ids.size();
  }

  SegmentId id(int segment) {
    return ids.get(segment);
  }

  /// In the order of the segment's records.
  List<Notable> notables(SegmentId id) {
    return notables.getOrDefault(id, List.of());
  }

  /// Whoever reads finds all that was added.
  void flush() throws UnavailableException {
    file.flush();
  }

  /// None.
  void clear() throws UnavailableException {
    ids.clear();
    notables.clear();
    file.cut(0);
  }

  /// Of segments that follow on each other, from one up to another, which is not among them.
  List<Segment> segments(int from, int to) throws CorruptException, UnavailableException {
    long end = to < count() ? starts[to] : file.length();
    ByteBuffer in = ByteBuffer.wrap(file.read(starts[from], Math.toIntExact(end - starts[from])));
    List<Segment> segments = new ArrayList<>(to - from);
    for (int segment = from; segment < to; segment++) {
      long next = segment + 1 < count() ? starts[segment + 1] : file.length();
      in.limit((int) (next - starts[from]));
      List<Item> items = new ArrayList<>();
      while (in.hasRemaining()) {
        items.add(item(in));
      }
      segments.add(
          new Segment(ids.get(segment), lengths[2 * segment], lengths[2 * segment + 1], items));
    }
    return segments;
  }

  private static Item item(ByteBuffer in) throws CorruptException {
    if (in.get() == OTHER) {
      int dataOffset = in.getInt();
      return new Item.Other(RecordCursor.copied(in, dataOffset));
    }
    BlockRun.Asks asks = ASKS.get(in.get());
    byte[] machine = new byte[MachineId.LENGTH];
    in.get(machine);
    return new Item.Blocks(
        new BlockRun(asks, MachineId.of(machine), in.getLong(), in.getLong(), in.getLong()));
  }

  @Override
  public void close() {
    file.close();
  }

  /// What a state without blocks wants to know of a segment; lengths in bytes.
  record Segment(SegmentId id, int headerLength, int dataLength, List<Item> items) {
    Segment {
      items = List.copyOf(items);
    }

    /// To the end of the segment.
    void applyTo(ShardState state) throws CorruptException {
      for (Item item : items) {
        switch (item) {
          case Item.Blocks blocks -> state.apply(blocks.run, id);
          case Item.Other other -> state.apply(other.entry, id);
        }
      }
      state.endSegment(id, headerLength, dataLength);
    }
  }

  /// What stands in a segment next.
  sealed interface Item {
    /// Records of blocks.
    record Blocks(BlockRun run) implements Item {}

    /// Any other record.
    record Other(LogEntry entry) implements Item {}
  }
}
