package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.holdfast.core.MachineId;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogRecord;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.seal.RunId;
import org.jspecify.annotations.Nullable;

/// What the bucket's log says at this very moment, read by rules so simple that they can be
/// trusted: epochs one after the other, of each the segments in their order, up to its seal or the
/// first that is not there. It shares no code with the product but the parser of headers.
///
/// Its records are numbered from 1 on, each once and none left out. What becomes of blocks and of
/// deletions, [Blocks] and [Deletions] say.
///
/// What counts once counts for good, so that reading goes on where it stopped, and a segment that
/// was deleted since is read all the same.
final class Ledger {
  private static final int SHARD = 0;
  private static final int HEADER_LENGTH_AT = 12;
  private static final int RUN_AT = 7;

  private final SimStore store;
  private final Deletions deletions = new Deletions();
  private final Blocks blocks = new Blocks(deletions);
  private final Map<Integer, Long> lastBefore = new HashMap<>();
  private final Map<Archive, Long> committed = new HashMap<>();
  private final Map<Archive, Long> committedMillis = new HashMap<>();
  private final Map<Archive, Long> deleted = new HashMap<>();
  private final Map<Archive, Long> undeleted = new HashMap<>();
  private final Set<Archive> partial = new HashSet<>();
  private final Map<Numbered, Archive> numbered = new HashMap<>();
  private final Set<SegmentRange> retired = new HashSet<>();
  private SegmentId next = SegmentId.first(SHARD, 1);
  private long nextRecord = 1;

  Ledger(SimStore store) {
    this.store = store;
  }

  /// The blocks with their copies.
  Blocks blocks() throws Violation {
    read();
    return blocks;
  }

  /// The record that has committed an archive; 0 if it is not committed.
  long commit(MachineId machine, BlockName root) throws Violation {
    read();
    return committed.getOrDefault(new Archive(machine, root), 0L);
  }

  /// The server's time at which an archive was committed.
  long committedMillis(Archive archive) throws Violation {
    read();
    return committedMillis.getOrDefault(archive, 0L);
  }

  /// The block with the keys of the run that a root was made in, as the open beginning of its first
  /// part says: behind four bytes of length, a version, a class and a kind; empty if the root is
  /// freed by now.
  Optional<Block> run(Block root) throws Violation {
    return blocks()
        .newest(root)
        .map(copy -> {
          byte[] bytes = Objects.requireNonNull(bytes(copy));
          RunId run = new RunId(Bytes.copyOf(bytes, RUN_AT, RUN_AT + RunId.LENGTH));
          return new Block(root.machine, BlockClass.RUN, run.blockName());
        });
  }

  /// Whether an archive may be shown: it is committed, or kept by a checkpoint.
  boolean isShown(MachineId machine, BlockName root) throws Violation {
    return commit(machine, root) > 0 || partial.contains(new Archive(machine, root));
  }

  /// All archives that were committed, and whose roots are not freed.
  Set<Archive> archives() throws Violation {
    read();
    return committed.keySet().stream()
        .filter(archive -> blocks.copies().containsKey(archive.block()))
        .collect(Collectors.toSet());
  }

  /// The archive with a number; null if there never was one.
  @Nullable Archive archive(MachineId machine, long number) throws Violation {
    read();
    return numbered.get(new Numbered(machine, number));
  }

  /// All archives that a deletion has hidden at any time, and the last record that did.
  Map<Archive, Long> deleted() throws Violation {
    read();
    return deleted;
  }

  /// All archives that were brought back at any time, and the last record that did.
  Map<Archive, Long> undeleted() throws Violation {
    read();
    return undeleted;
  }

  /// The last record that has changed whether an archive is shown; 0 if it was never committed.
  long changed(Archive archive) throws Violation {
    read();
    return Math.max(
        committed.getOrDefault(archive, 0L),
        Math.max(deleted.getOrDefault(archive, 0L), undeleted.getOrDefault(archive, 0L)));
  }

  /// Whether there is something to do for who frees.
  boolean hasGarbage(long nowMillis) throws Violation {
    read();
    return blocks.garbage() > 0 || deletions.areDue(nowMillis);
  }

  /// Whether an epoch is over.
  boolean isOver(int epoch) throws Violation {
    read();
    return next.epoch() > epoch;
  }

  /// The last record before an epoch: whoever owns that one knows it from the start.
  long lastBefore(int epoch) throws Violation {
    read();
    return lastBefore.getOrDefault(epoch, 0L);
  }

  /// The last record that is there.
  long last() throws Violation {
    read();
    return nextRecord - 1;
  }

  /// Whether a segment is there, with the last record before this one.
  boolean reaches(SegmentId id, long endRecord) throws Violation {
    read();
    return id.compareTo(next) < 0 && endRecord <= nextRecord;
  }

  private void read() throws Violation {
    for (byte[] object = store.first(next.key());
        object != null;
        object = store.first(next.key())) {
      SegmentHeader header = header(next, object);
      apply(header);
      next = header.seal() ? SegmentId.first(SHARD, next.epoch() + 1) : next.next();
      if (header.seal()) {
        lastBefore.put(next.epoch(), nextRecord - 1);
      }
    }
  }

  private static SegmentHeader header(SegmentId id, byte[] object) throws Violation {
    try {
      int length = ByteBuffer.wrap(object).getInt(HEADER_LENGTH_AT);
      return Segment.readHeader(
          Arrays.copyOf(object, length), SimServer.KEY, SimServer.SERVICE, id);
    } catch (CorruptException | RuntimeException e) {
      throw new Violation("what is in the bucket as " + id + " is no segment", e);
    }
  }

  private void apply(SegmentHeader header) throws Violation {
    for (LogEntry entry : header.entries()) {
      checkNumber(header, entry.number());
      long number = entry.number();
      switch (entry.item()) {
        case LogRecord.BlockStored r ->
            blocks.stored(
                new Block(r.machine(), r.kind(), r.name()),
                stored(header, entry, number, r.begun(), r.length(), r.crc()));
        case LogRecord.BlockStoredAgain r ->
            blocks.storedAgain(
                new Block(r.machine(), r.kind(), r.name()),
                stored(header, entry, number, r.begun(), r.length(), r.crc()),
                r.damaged());
        case LogRecord.CopyMoved r ->
            blocks.moved(
                new Block(r.machine(), r.kind(), r.name()),
                stored(header, entry, r.stored(), r.begun(), r.length(), r.crc()),
                r.deletedBy());
        case LogRecord.WriteBegun r -> blocks.begun(r.machine(), number);
        case LogRecord.Checkpoint r -> {
          blocks.checkpoint(r.begun(), number);
          partial.add(new Archive(r.machine(), r.root()));
          numbered.put(new Numbered(r.machine(), r.sequence()), new Archive(r.machine(), r.root()));
        }
        case LogRecord.Committed r -> {
          blocks.committed(r.machine(), r.begun(), number);
          committed.put(new Archive(r.machine(), r.root()), number);
          committedMillis.put(new Archive(r.machine(), r.root()), r.timeMillis());
          numbered.put(new Numbered(r.machine(), r.sequence()), new Archive(r.machine(), r.root()));
        }
        case LogRecord.Cancelled r -> {
          blocks.abandon(r.machine());
          deletions.cancelled(r.begun());
        }
        case LogRecord.DeleteBegun r -> {
          blocks.abandon(r.machine());
          deletions.begun(r.machine(), number);
        }
        case LogRecord.CopyDeleted r -> blocks.deleted(r);
        case LogRecord.DeleteCommitted r -> {
          deletions.committed(r, number);
          note(r.begun(), number, deleted);
        }
        case LogRecord.DeleteUndone r -> {
          deletions.undone(r, number);
          note(r.begun(), number, undeleted);
        }
        case LogRecord.DeleteExpired r -> deletions.expired(r);
        case LogRecord.CopyFreed r -> blocks.freed(r, number);
        case LogRecord.SegmentsRetired r -> retired(r);
        case LogRecord.TransactionCleared r -> blocks.cleared(r.begun());
        case LogRecord _ -> {}
      }
    }
  }

  private static Stored stored(
      SegmentHeader header, LogEntry entry, long record, long begun, int length, int crc) {
    return new Stored(
        record, begun, length, crc, header.id(), header.headerLength(), (int) entry.dataOffset());
  }

  /// Nothing that somebody may want lies there, and it is neither a seal nor what is to come.
  private void retired(LogRecord.SegmentsRetired made) throws Violation {
    SegmentRange range = made.range(SHARD);
    if (range.last().compareTo(next) >= 0) {
      throw new Violation("segments are retired that are not there: " + made);
    }
    for (var each : blocks.copies().entrySet()) {
      for (Stored copy : each.getValue()) {
        if (range.contains(copy.segment())) {
          throw new Violation("a segment is retired in which a copy lies: " + copy);
        }
      }
    }
    retired.add(range);
  }

  /// Whether a segment does not count any more.
  boolean isRetired(SegmentId id) throws Violation {
    read();
    return retired.stream().anyMatch(range -> range.contains(id));
  }

  /// How many segments were retired.
  int retiredRanges() {
    return retired.size();
  }

  /// The archives of a deletion are hidden, or shown again, from this record on.
  private void note(long begun, long record, Map<Archive, Long> archives) {
    for (Archive archive : committed.keySet()) {
      if (blocks.copies().getOrDefault(archive.block(), List.of()).stream()
          .anyMatch(copy -> blocks.deletion(copy) == begun)) {
        archives.put(archive, record);
      }
    }
  }

  /// A seal's own record has none of the numbers.
  private void checkNumber(SegmentHeader header, long number) throws Violation {
    long expected = header.seal() ? 0 : nextRecord++;
    if (number != expected) {
      throw new Violation("%s has record %d, not %d".formatted(header.id(), number, expected));
    }
  }

  /// What lies at a block's place.
  byte @Nullable [] bytes(Stored stored) {
    byte[] object = store.whole(stored.segment.key());
    int from = stored.headerLength + stored.dataOffset;
    return object == null || from + stored.length > object.length
        ? null
        : Arrays.copyOfRange(object, from, from + stored.length);
  }

  record Archive(MachineId machine, BlockName root) {
    Block block() {
      return new Block(machine, BlockClass.ROOT, root);
    }
  }

  record Block(MachineId machine, BlockClass kind, BlockName name) {}

  /// Where a copy of a block lies, and what the log says of it.
  record Stored(
      long record,
      long begun,
      int length,
      int crc,
      SegmentId segment,
      int headerLength,
      int dataOffset) {
    /// This copy at the other's place.
    Stored at(Stored other) {
      return new Stored(
          record, begun, length, crc, other.segment, other.headerLength, other.dataOffset);
    }
  }

  private record Numbered(MachineId machine, long number) {}
}
