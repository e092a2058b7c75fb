package org.holdfast.server.recovery;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.HeaderBytes;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.RecordCursor;
import org.holdfast.log.RecordCursor.What;
import org.holdfast.server.state.BlockRun;
import org.holdfast.server.state.BlockRun.Asks;
import org.jspecify.annotations.Nullable;

/// What a segment says, parted: records of chunks, pages and runs, as [BlockRecords] without the
/// segment; and as [Outline] the others, with what the state wants to know of these. Its records
/// add up.
///
/// Made by one thread, then used by another.
final class Routed {
  private final HeaderBytes header;
  private final MachineNumbers machines;
  private final ByteBuffer blocks;
  private final ByteBuffer outline;
  private final List<Notable> notables = new ArrayList<>();

  private @Nullable MachineId machine;
  private int number;
  private Asks asks = Asks.NOTHING;
  private long begun;
  private long first;
  private long last;

  private Routed(HeaderBytes header, MachineNumbers machines) {
    this.header = header;
    this.machines = machines;
    // None is longer than in the header.
    this.blocks = ByteBuffer.allocate(header.length());
    this.outline = ByteBuffer.allocate(header.length() + header.count() * Outline.LONGER_MAX);
  }

  static Routed of(HeaderBytes header, MachineNumbers machines) throws CorruptException {
    Routed routed = new Routed(header, machines);
    for (RecordCursor each = header.records(); each.next(); ) {
      if (each.what() == What.OTHER || each.isRoot()) {
        routed.endRun();
        routed.other(each);
      } else {
        routed.run(each);
        routed.put(each);
      }
    }
    routed.endRun();
    return routed;
  }

  private void other(RecordCursor each) throws CorruptException {
    Outline.put(outline, each);
    if (each.what() == What.OTHER) {
      LogEntry entry = each.entry();
      switch (entry.item()) {
        case LogRecord.SegmentsRetired r ->
            notables.add(new Notable.Retired(r.range(header.id().shard())));
        case LogRecord.Digest _ -> notables.add(new Notable.Digest());
        default -> {}
      }
    }
  }

  private void run(RecordCursor each) {
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
      endRun();
      if (!of.equals(machine)) {
        machine = of;
        number = machines.of(of);
      }
      asks = its;
      begun = transaction;
      first = each.number();
    }
    last = each.number();
  }

  private void endRun() {
    if (first != 0 && machine != null) {
      Outline.put(outline, new BlockRun(asks, machine, begun, first, last));
    }
    first = 0;
  }

  private void put(RecordCursor each) {
    switch (each.what()) {
      case STORED -> putCopy(BlockRecords.STORED, each);
      case MOVED -> putCopy(BlockRecords.MOVED, each).putLong(each.deletedBy());
      case DELETED, DELETED_AGAIN ->
          begin(BlockRecords.DELETED, each).putLong(each.stored()).putLong(each.begun());
      case FREED -> begin(BlockRecords.FREED, each).putLong(each.number()).putLong(each.stored());
      case OTHER -> throw new IllegalArgumentException("no record of a block");
    }
  }

  private ByteBuffer putCopy(byte kind, RecordCursor each) {
    return begin(kind, each)
        .putLong(each.stored())
        .putLong(each.begun())
        .putInt(each.length())
        .putInt(each.crc())
        .putInt(each.dataOffset());
  }

  private ByteBuffer begin(byte kind, RecordCursor each) {
    blocks.put(kind).putInt(BlockRecords.group(number, each.classCode())).putInt(0);
    each.putNameInto(blocks);
    return blocks;
  }

  HeaderBytes header() {
    return header;
  }

  /// One record behind the other.
  byte[] blocks() {
    return blocks.array();
  }

  int blocksLength() {
    return blocks.position();
  }

  byte[] outline() {
    return outline.array();
  }

  int outlineLength() {
    return outline.position();
  }

  /// In the order of the segment's records.
  List<Notable> notables() {
    return notables;
  }
}
