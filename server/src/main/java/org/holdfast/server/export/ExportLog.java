package org.holdfast.server.export;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.holdfast.bucket.FolderCopy;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.server.Service;
import org.holdfast.server.index.Index;
import org.holdfast.server.state.ArchiveRow;
import org.holdfast.server.state.MachineExtract;
import org.holdfast.server.state.ShardState;

/// Writes the log of an export into a folder: as a log whose first segment was cleaned, of which
/// all that it says is what cleaning has appended again.
///
/// - The first segment is never put: that is a hole from the beginning, and the last records say
///   that it is retired. So a log that lacks its end, or anything else, is no log to anybody.
/// - It keeps the state that a replay of it comes to, in an index of its own, and so knows which
///   copies it has, and the digest.
///
/// Used by one thread.
final class ExportLog {
  private static final SegmentId HOLE = SegmentId.first(Service.SHARD, 1);

  /// Archives that are looked at at a time.
  private static final int PAGE = 1000;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final FolderCopy folder;
  private final MachineExtract extract;
  private final LogWriter writer;
  private final ShardState state;
  private List<ByteBuffer> closed = List.of();
  private long objects;
  private long blocks;
  private long bytes;

  /// `index` is an empty one.
  ExportLog(
      Service.Terms terms, MachineExtract extract, Bytes owner, Index index, FolderCopy folder) {
    this.folder = folder;
    this.extract = extract;
    this.writer =
        new LogWriter(
            terms.service(),
            terms.key(),
            HOLE,
            extract.nextRecord(),
            terms.clock(),
            (_, body) -> closed = body,
            terms.segmentDataLength(),
            LogWriter.IN_FLIGHT_MAX);
    this.state = ShardState.open(Service.SHARD, index);
    long now = terms.clock().wallMillis();
    writer.append(new LogRecord.EpochBegun(HOLE.epoch(), owner, now), NOTHING);
    SegmentHeader hole = writer.flush().orElseThrow();
    writer.stored(hole.id());
    state.absent(new SegmentRange(HOLE, HOLE));
  }

  /// Whether it holds the copy of the block that record `stored` stored.
  boolean has(LogRecord.CopyMoved copy) {
    return state.copy(copy.machine(), copy.kind(), copy.name(), copy.stored()).isPresent();
  }

  /// Whether it holds any copy of the block.
  boolean hasAny(LogRecord.CopyMoved copy) {
    return state.visible(copy.machine(), copy.kind(), copy.name(), 0).isPresent();
  }

  void add(LogRecord.CopyMoved copy, ByteBuffer data) throws HoldfastException {
    // Of the bytes alone: what was read beside them is not kept in memory with them.
    ByteBuffer own = ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
    append(copy, own);
    blocks++;
    bytes += copy.length();
  }

  /// Says the rest. From here on it is a log.
  void finish() throws HoldfastException {
    for (LogRecord row : extract.rows(blocks, bytes)) {
      append(row, NOTHING);
    }
    append(new LogRecord.SegmentsRetired(HOLE.epoch(), HOLE.number(), HOLE.number()), NOTHING);
    append(new LogRecord.Digest(state.digest()), NOTHING);
    put(writer.flush());
  }

  private void append(LogRecord item, ByteBuffer data) throws HoldfastException {
    put(writer.roll(data.remaining()));
    LogEntry entry = writer.append(item, data);
    state.apply(entry, writer.openSegment());
  }

  private void put(Optional<SegmentHeader> full) throws HoldfastException {
    if (full.isEmpty()) {
      return;
    }
    SegmentId id = full.get().id();
    folder.put(id.key(), closed);
    closed = List.of();
    state.endSegment(full.get());
    state.durable(id);
    writer.stored(id);
    objects++;
  }

  /// Archives that can be seen in it.
  long archives(MachineId machine) {
    long count = 0;
    Optional<BlockName> after = Optional.empty();
    SortedMap<BlockName, ArchiveRow> page;
    do {
      page = state.durable().archives(machine, after, PAGE);
      count += page.size();
      after = page.isEmpty() ? after : Optional.of(page.lastKey());
    } while (!page.isEmpty());
    return count;
  }

  long objects() {
    return objects;
  }

  long blocks() {
    return blocks;
  }

  long bytes() {
    return bytes;
  }
}
