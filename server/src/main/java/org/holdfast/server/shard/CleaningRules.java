package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Invariant;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.server.state.BlockRow;
import org.holdfast.server.state.ShardState;

/// The rules by which what lives in a segment is appended again (`docs/cleaning.md`, "Steps").
///
/// What appends many records stops where the log has no room for more, and says how far it came.
///
/// Not thread-safe: the owner's loop calls every method.
final class CleaningRules {
  private final int shard;
  private final ShardState state;
  private final ShardLog log;

  CleaningRules(int shard, ShardState state, ShardLog log) {
    this.shard = shard;
    this.state = state;
    this.log = log;
  }

  int begin(SegmentId segment) throws HoldfastException {
    if (!state.isCleaning(segment)) {
      log.append(new LogRecord.CleaningBegun(segment.epoch(), segment.number()));
    }
    return 1;
  }

  /// Whether the copy whose data lies with this record still lies there.
  boolean isLive(SegmentId segment, LogEntry entry) {
    return live(segment, entry).isPresent();
  }

  /// Appends those of the copies that still lie in the segment; the log has room for the first.
  int move(SegmentId segment, List<Loaded> copies) throws HoldfastException {
    int done = 0;
    for (Loaded copy : copies) {
      Optional<BlockRow> row = live(segment, copy.entry);
      if (row.isPresent()) {
        if (done > 0 && !log.hasRoom(row.get().length())) {
          return done;
        }
        log.append(moved(copy.entry.item(), row.get()), copy.data);
      }
      done++;
    }
    return done;
  }

  /// Appends again what the segment says of copies that lie elsewhere, and of other segments, as
  /// far as it is needed. `moved` are the records of copies that were moved just now.
  int restate(SegmentId segment, List<LogEntry> entries, Set<Long> moved) throws HoldfastException {
    int done = 0;
    for (LogEntry entry : entries) {
      Optional<LogRecord> again = again(segment, entry.item(), moved);
      if (again.isPresent()) {
        if (done > 0 && !log.hasRoom()) {
          return done;
        }
        log.append(again.get());
      }
      done++;
    }
    return done;
  }

  /// Appends what these rows are now. Of those that are not there any more only where `hasOlder`
  /// says that an older segment may hold them; of archives always: one goes with its root's copy,
  /// which a replay without this segment may not have.
  int restate(List<Bytes> keys, boolean hasOlder) throws HoldfastException {
    int done = 0;
    for (Bytes key : keys) {
      Optional<Bytes> value = state.row(key);
      if (value.isPresent() || hasOlder || ShardState.isArchive(key)) {
        if (done > 0 && !log.hasRoom()) {
          return done;
        }
        log.append(new LogRecord.RowRestated(key, value));
      }
      done++;
    }
    return done;
  }

  /// The segment's records say nothing any more that others do not.
  int retire(SegmentId segment) throws HoldfastException {
    // A state that stopped in the middle of a record says nothing.
    log.checkGoesOn();
    Invariant.check(state.liveBytes(segment) == 0, "nothing lives in what is retired");
    log.append(new LogRecord.SegmentsRetired(segment.epoch(), segment.number(), segment.number()));
    log.appendDigest();
    return 1;
  }

  private Optional<LogRecord> again(SegmentId segment, LogRecord item, Set<Long> moved) {
    return switch (item) {
      case LogRecord.CopyDeleted r when !moved.contains(r.stored()) ->
          state
              .copy(r.machine(), r.kind(), r.name(), r.stored())
              .filter(copy -> copy.deletedBy() == r.begun())
              .map(_ -> r.saidAgain());
      case LogRecord.CopyFreed r -> isNeeded(segment, r) ? Optional.of(item) : Optional.empty();
      case LogRecord.SegmentsRetired r -> Optional.of(whole(r));
      case LogRecord.CleaningBegun r -> {
        SegmentId other = new SegmentId(shard, r.epoch(), r.segment());
        yield !other.equals(segment) && state.isCleaning(other)
            ? Optional.of(item)
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  /// Whether an object may be replayed that holds the copy.
  private boolean isNeeded(SegmentId segment, LogRecord.CopyFreed freed) {
    SegmentId place = new SegmentId(shard, freed.epoch(), freed.segment());
    boolean isGone = place.equals(segment) || state.retired(place).isPresent();
    return !isGone || state.isCleaningOther(segment);
  }

  private LogRecord whole(LogRecord.SegmentsRetired retired) {
    SegmentRange range = state.retired(retired.range(shard).first()).orElseThrow();
    return new LogRecord.SegmentsRetired(
        range.first().epoch(), range.first().number(), range.last().number());
  }

  private Optional<BlockRow> live(SegmentId segment, LogEntry entry) {
    Optional<BlockRow> row =
        switch (entry.item()) {
          case LogRecord.BlockStored r ->
              state.copy(r.machine(), r.kind(), r.name(), entry.number());
          case LogRecord.BlockStoredAgain r ->
              state.copy(r.machine(), r.kind(), r.name(), entry.number());
          case LogRecord.CopyMoved r -> state.copy(r.machine(), r.kind(), r.name(), r.stored());
          default -> Optional.empty();
        };
    return row.filter(copy -> copy.segmentId(shard).equals(segment));
  }

  private static LogRecord moved(LogRecord from, BlockRow row) {
    return switch (from) {
      case LogRecord.BlockStored r -> moved(r.machine(), r.kind(), r.name(), row);
      case LogRecord.BlockStoredAgain r -> moved(r.machine(), r.kind(), r.name(), row);
      case LogRecord.CopyMoved r -> moved(r.machine(), r.kind(), r.name(), row);
      default -> throw new IllegalArgumentException("no record with data");
    };
  }

  private static LogRecord moved(MachineId machine, BlockClass kind, BlockName name, BlockRow row) {
    return new LogRecord.CopyMoved(
        machine, row.begun(), kind, name, row.length(), row.crc(), row.record(), row.deletedBy());
  }

  /// A record with data, and the data.
  record Loaded(LogEntry entry, ByteBuffer data) {}
}
