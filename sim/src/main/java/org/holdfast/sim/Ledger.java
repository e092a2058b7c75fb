package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;
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
import org.holdfast.seal.RunId;
import org.jspecify.annotations.Nullable;

/// What the bucket's log says at this very moment, read by rules so simple that they can be
/// trusted: epochs one after the other, of each the segments in their order, up to its seal or the
/// first that is not there. It shares no code with the product but the parser of headers.
///
/// Its records are numbered from 1 on, each once and none left out.
///
/// What counts once counts for good, so that reading goes on where it stopped.
final class Ledger {
  private static final int SHARD = 0;
  private static final int HEADER_LENGTH_AT = 12;
  private static final int RUN_AT = 7;

  private final SimStore store;
  private final Map<Block, Stored> blocks = new LinkedHashMap<>();
  private final Map<Block, List<Stored>> places = new HashMap<>();
  private final Map<Long, Long> keptUpTo = new HashMap<>();
  private final Map<Archive, Long> committed = new HashMap<>();
  private final Set<Archive> partial = new HashSet<>();
  private SegmentId next = SegmentId.first(SHARD, 1);
  private long nextRecord = 1;

  Ledger(SimStore store) {
    this.store = store;
  }

  /// The record that has committed an archive; 0 if it is not committed.
  long commit(MachineId machine, BlockName root) throws Violation {
    read();
    return committed.getOrDefault(new Archive(machine, root), 0L);
  }

  /// What the log says of a block.
  Stored stored(Block block) throws Violation {
    read();
    return Objects.requireNonNull(blocks.get(block));
  }

  /// The block with the keys of the run that a root was made in, as the open beginning of its first
  /// part says: behind four bytes of length, a version, a class and a kind.
  Block run(Block root) throws Violation {
    byte[] bytes = Objects.requireNonNull(bytes(stored(root)));
    RunId run = new RunId(Bytes.copyOf(bytes, RUN_AT, RUN_AT + RunId.LENGTH));
    return new Block(root.machine, BlockClass.RUN, run.blockName());
  }

  /// Wherever a block was ever stored: a server that was replaced may know an older place.
  List<Stored> places(Block block) throws Violation {
    read();
    return places.getOrDefault(block, List.of());
  }

  /// Whether an archive may be shown: it is committed, or kept by a checkpoint.
  boolean isShown(MachineId machine, BlockName root) throws Violation {
    return commit(machine, root) > 0 || partial.contains(new Archive(machine, root));
  }

  /// Whether others than its transaction may read a block.
  boolean isVisible(Block block) throws Violation {
    read();
    Stored stored = blocks.get(block);
    return stored != null && stored.record <= keptUpTo.getOrDefault(stored.begun, 0L);
  }

  /// All blocks, each as it was stored last.
  Map<Block, Stored> blocks() throws Violation {
    read();
    return blocks;
  }

  /// All archives that were committed.
  Set<Archive> committed() throws Violation {
    read();
    return committed.keySet();
  }

  /// Whether an epoch is over.
  boolean isOver(int epoch) throws Violation {
    read();
    return next.epoch() > epoch;
  }

  private void read() throws Violation {
    for (byte[] object = store.whole(next.key());
        object != null;
        object = store.whole(next.key())) {
      SegmentHeader header = header(next, object);
      apply(header);
      next = header.seal() ? SegmentId.first(SHARD, next.epoch() + 1) : next.next();
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
      switch (entry.item()) {
        case LogRecord.BlockStored r -> {
          Block block = new Block(r.machine(), r.kind(), r.name());
          Stored stored =
              new Stored(
                  entry.number(),
                  r.begun(),
                  r.length(),
                  r.crc(),
                  header.id(),
                  header.headerLength(),
                  (int) entry.dataOffset());
          blocks.put(block, stored);
          places.computeIfAbsent(block, _ -> new ArrayList<>()).add(stored);
        }
        case LogRecord.Checkpoint r -> {
          keptUpTo.put(r.begun(), entry.number());
          partial.add(new Archive(r.machine(), r.root()));
        }
        case LogRecord.Committed r -> {
          keptUpTo.put(r.begun(), Long.MAX_VALUE);
          committed.put(new Archive(r.machine(), r.root()), entry.number());
        }
        case LogRecord _ -> {}
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

  /// A block that the bucket holds, and others must not be given yet, if there is one: the `nth` of
  /// them, counted round.
  Optional<Block> hidden(MachineId machine, int nth) throws Violation {
    return some(machine, nth, false);
  }

  /// A block that everybody may be given who may read the machine.
  Optional<Block> visible(MachineId machine, int nth) throws Violation {
    return some(machine, nth, true);
  }

  private Optional<Block> some(MachineId machine, int nth, boolean isVisible) throws Violation {
    read();
    List<Block> found = new ArrayList<>();
    blocks.forEach((block, stored) -> {
      boolean isKept = stored.record <= keptUpTo.getOrDefault(stored.begun, 0L);
      if (block.machine.equals(machine) && isKept == isVisible) {
        found.add(block);
      }
    });
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(nth % found.size()));
  }

  /// Whether these bytes are those of the block, as it is now.
  boolean is(Block block, ByteBuffer bytes) throws Violation {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate());
    return (int) crc.getValue() == stored(block).crc;
  }

  /// What lies at a block's place.
  byte @Nullable [] bytes(Stored stored) {
    byte[] object = store.whole(stored.segment.key());
    int from = stored.headerLength + stored.dataOffset;
    return object == null || from + stored.length > object.length
        ? null
        : Arrays.copyOfRange(object, from, from + stored.length);
  }

  record Archive(MachineId machine, BlockName root) {}

  record Block(MachineId machine, BlockClass kind, BlockName name) {}

  /// Where a block lies, and what the log says of it.
  record Stored(
      long record,
      long begun,
      int length,
      int crc,
      SegmentId segment,
      int headerLength,
      int dataOffset) {}
}
