package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogEntry;
import org.holdfast.log.RecordCursor;
import org.holdfast.log.RecordCursor.What;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRun;
import org.holdfast.server.state.BlockRun.Asks;
import org.holdfast.server.state.ShardState;
import org.jspecify.annotations.Nullable;

/// Parts what some segments say: records of chunks, pages and runs, as [BlockFiles] has them and
/// with the file of each; and for the state the others, with what it wants to know of these.
///
/// Used by one thread, then by another.
final class BlockRouter {
  /// A record of [BlockFiles] is at most so much longer than in a header.
  private static final int LONGER_MAX = 1;

  private final BlockPlan plan;
  private final ByteBuffer out;
  private final int[] files;
  private final List<Segment> segments = new ArrayList<>();
  private int count;

  private @Nullable MachineId machine;
  private int groups;
  private Asks asks = Asks.NOTHING;
  private long begun;
  private long first;
  private long last;

  private BlockRouter(BlockPlan plan, List<HeaderBytes> headers) {
    this.plan = plan;
    int records = headers.stream().mapToInt(HeaderBytes::count).sum();
    int length = headers.stream().mapToInt(HeaderBytes::length).sum();
    this.files = new int[records];
    this.out = ByteBuffer.allocate(length + records * LONGER_MAX);
  }

  /// In the order of the log.
  static BlockRouter of(BlockPlan plan, List<HeaderBytes> headers) throws CorruptException {
    BlockRouter router = new BlockRouter(plan, headers);
    for (HeaderBytes header : headers) {
      router.segments.add(router.segment(header));
    }
    return router;
  }

  private Segment segment(HeaderBytes header) throws CorruptException {
    List<Item> items = new ArrayList<>();
    first = 0;
    machine = null;
    for (RecordCursor each = header.records(); each.next(); ) {
      if (each.what() == What.OTHER || each.isRoot()) {
        endRun(items);
        items.add(new Item.Other(each.entry()));
      } else {
        run(each, items);
        put(each, header.id());
      }
    }
    endRun(items);
    return new Segment(header.id(), header.length(), header.dataLength(), items);
  }

  private void run(RecordCursor each, List<Item> items) {
    Asks its =
        switch (each.what()) {
          case STORED -> Asks.WRITING;
          case DELETED -> Asks.DELETING;
          case FREED -> Asks.MACHINE;
          case MOVED, DELETED_AGAIN, OTHER -> Asks.NOTHING;
        };
    long transaction = its == Asks.WRITING || its == Asks.DELETING ? each.begun() : 0;
    MachineId of = each.machine();
    boolean goesOn =
        first != 0
            && its == asks
            && transaction == begun
            && of.equals(machine)
            && each.number() == last + 1;
    if (!goesOn) {
      endRun(items);
      if (!of.equals(machine)) {
        machine = of;
        groups = plan.groups(of);
      }
      asks = its;
      begun = transaction;
      first = each.number();
    }
    last = each.number();
  }

  private void endRun(List<Item> items) {
    if (first != 0 && machine != null) {
      items.add(new Item.Blocks(new BlockRun(asks, machine, begun, first, last)));
    }
    first = 0;
  }

  private void put(RecordCursor each, SegmentId segment) {
    int group = groups + each.classCode() - 1;
    files[count++] = plan.file(group, each.namePrefix());
    switch (each.what()) {
      case STORED -> putCopy(BlockFiles.STORED, group, each, segment);
      case MOVED -> putCopy(BlockFiles.MOVED, group, each, segment).putLong(each.deletedBy());
      case DELETED, DELETED_AGAIN ->
          begin(BlockFiles.DELETED, group, each).putLong(each.stored()).putLong(each.begun());
      case FREED ->
          begin(BlockFiles.FREED, group, each).putLong(each.number()).putLong(each.stored());
      case OTHER -> throw new IllegalArgumentException("no record of a block");
    }
  }

  private ByteBuffer putCopy(byte kind, int group, RecordCursor each, SegmentId segment) {
    return begin(kind, group, each)
        .putLong(each.stored())
        .putLong(each.begun())
        .putInt(each.length())
        .putInt(each.crc())
        .putInt(segment.epoch())
        .putLong(segment.number())
        .putInt(each.dataOffset());
  }

  private ByteBuffer begin(byte kind, int group, RecordCursor each) {
    out.put(kind).putInt(group);
    each.putNameInto(out);
    return out;
  }

  /// Records of blocks, one behind the other.
  byte[] bytes() {
    return out.array();
  }

  /// How many there are.
  int count() {
    return count;
  }

  /// The file that takes the record.
  int file(int record) {
    return files[record];
  }

  List<Segment> segments() {
    return segments;
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
