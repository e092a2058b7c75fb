package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.Patience;
import org.holdfast.log.Segment;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;

/// Reads blocks in the order in which they lie in the bucket, neighbours in one request.
///
/// A segment's header is not needed while there is an index, so nobody would notice that it has
/// rotted before the index is lost too. A request that comes close to it reads it along, once.
///
/// An object that is absent or damaged is asked for again for a while: a store may be slow to show
/// it, and nobody's answer should be wrong for that. What is damaged after that is told to
/// [Damages].
///
/// Any thread.
final class BlockReader {
  /// A gap that is cheaper to read than another request, in bytes: a request costs about as much as
  /// so many bytes at the rate of an object store.
  private static final int GAP_MAX = 256 << 10;

  /// The longest range of one request, and what its blocks have together, in bytes: so that several
  /// are under way within a client's credit of 16 MiB, and one that is slow holds up little. Only a
  /// single block is longer.
  private static final int RANGE_MAX = 4 << 20;

  /// Segments whose headers are remembered as intact.
  private static final int CHECKED_MAX = 65_536;

  private static final Optional<Damage> MISSING = Optional.of(Damage.MISSING);

  private final Bucket bucket;
  private final Damages damages;
  private final Retired retired;
  private final Set<SegmentId> checked = ConcurrentHashMap.newKeySet();

  BlockReader(Bucket bucket, Damages damages, Retired retired) {
    this.bucket = bucket;
    this.damages = damages;
    this.retired = retired;
  }

  /// All blocks of which a segment holds the data, by the places of their records in the header.
  static List<Placed> placed(SegmentHeader header) {
    List<Placed> placed = new ArrayList<>();
    List<LogEntry> entries = header.entries();
    for (int i = 0; i < entries.size(); i++) {
      Optional<BlockRow> row = BlockRow.of(entries.get(i), header.id());
      if (row.isPresent()) {
        placed.add(new Placed(new Located(i, header.id(), row.get()), header.headerLength()));
      }
    }
    return placed;
  }

  /// The requests that fetch these blocks, in the order of the log.
  static List<Span> plan(List<Placed> blocks) {
    List<Placed> sorted = new ArrayList<>(blocks);
    sorted.sort(
        Comparator.comparing((Placed placed) -> placed.located().segment())
            .thenComparingLong(Placed::offset));
    List<Span> spans = new ArrayList<>();
    List<Placed> current = new ArrayList<>();
    long length = 0;
    for (Placed next : sorted) {
      length += next.length();
      // A block that is asked for several times is read once in a span, and handed over as often.
      if (!current.isEmpty()
          && (length > RANGE_MAX || !joins(current.getFirst(), current.getLast(), next))) {
        spans.add(new Span(current));
        current = new ArrayList<>();
        length = next.length();
      }
      current.add(next);
    }
    if (!current.isEmpty()) {
      spans.add(new Span(current));
    }
    return spans;
  }

  /// The blocks of one span, each with its bytes, or without where they are not what was stored.
  ///
  /// An object that is missing or damaged costs the blocks in it and no others. One that was
  /// cleaned meanwhile is no damage: its blocks lie elsewhere. Throws only what may be otherwise
  /// the next time, or what no object can be read for. Where `over` says so, nobody needs them any
  /// more.
  Reading read(Span span, BooleanSupplier over) throws RefusedException, UnavailableException {
    Reading reading = readOnce(span);
    if (reading.damage().isEmpty()) {
      return reading;
    }
    Patience patience = damages.patience(span.segment());
    while (reading.damage().isPresent()) {
      if (retired.isRetired(span.segment())) {
        return Reading.cleaned(reading.blocks());
      }
      if (!patience.pause(over)) {
        break;
      }
      reading = readOnce(span);
    }
    if (reading.damage().isPresent()) {
      damages.add(span.segment(), reading.damage().get());
      damages.lost(span.segment(), reading.lost());
    }
    return reading;
  }

  /// As [#read], as it is at this moment.
  Reading readOnce(Span span) throws RefusedException, UnavailableException {
    Placed first = span.blocks().getFirst();
    SegmentId segment = first.located().segment();
    boolean withHeader = isHeaderNear(first) && !checked.contains(segment);
    long start = withHeader ? 0 : first.offset();
    Optional<Range> range;
    try {
      range = bucket.get(segment.key(), start, (int) (span.blocks().getLast().end() - start));
    } catch (CorruptException _) {
      return Reading.of(span, new byte[0], start, Optional.of(Damage.DATA));
    }
    if (range.isEmpty()) {
      return Reading.of(span, new byte[0], start, MISSING);
    }
    byte[] bytes = range.get().bytes();
    return Reading.of(
        span, bytes, start, withHeader ? headerDamage(first, bytes) : Optional.empty());
  }

  /// Whether a request that reads the header too costs no more than one that does not.
  private static boolean isHeaderNear(Placed first) {
    return first.offset() <= GAP_MAX;
  }

  private Optional<Damage> headerDamage(Placed first, byte[] bytes) {
    if (!Segment.isHeaderIntact(bytes, first.headerLength())) {
      return Optional.of(Damage.HEADER);
    }
    if (checked.size() >= CHECKED_MAX) {
      checked.clear();
    }
    checked.add(first.located().segment());
    return Optional.empty();
  }

  private static Optional<ByteBuffer> intact(byte[] bytes, Placed block, long start) {
    int length = block.located().row().length();
    if (start + length > bytes.length) {
      return Optional.empty();
    }
    int from = (int) start;
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue() == block.located().row().crc()
        ? Optional.of(ByteBuffer.wrap(bytes, from, length).slice())
        : Optional.empty();
  }

  private static boolean joins(Placed first, Placed last, Placed next) {
    return last.located().segment().equals(next.located().segment())
        && next.offset() - last.end() <= GAP_MAX
        && next.end() - first.offset() <= RANGE_MAX;
  }

  /// A block and its segment. `index` is its place in the request.
  record Located(int index, SegmentId segment, BlockRow row) {}

  /// A block in its object, behind a header of so many bytes.
  record Placed(Located located, int headerLength) {
    /// In the object, in bytes.
    long offset() {
      return headerLength + (long) located.row().dataOffset();
    }

    long end() {
      return offset() + length();
    }

    int length() {
      return located.row().length();
    }
  }

  /// Blocks that one request reads.
  record Span(List<Placed> blocks) {
    SegmentId segment() {
      return blocks.getFirst().located().segment();
    }

    /// What reading it takes at most, in bytes: gaps and a header that is near included.
    int readLengthMax() {
      Placed first = blocks.getFirst();
      long start = isHeaderNear(first) ? 0 : first.offset();
      return (int) (blocks.getLast().end() - start);
    }

    /// What its blocks have without the gaps.
    long blockLength() {
      return blocks.stream().mapToLong(Placed::length).sum();
    }
  }

  /// A block's bytes; empty if they are not what was stored.
  record Read(Located located, Optional<ByteBuffer> bytes) {}

  /// Tells, from any thread, whether a segment does not count any more.
  interface Retired {
    boolean isRetired(SegmentId id) throws UnavailableException;
  }

  /// What reading a span gave, and what is wrong with its object as far as that shows it. Of one
  /// that was cleaned, what is not here lies elsewhere.
  record Reading(List<Read> blocks, Optional<Damage> damage, boolean wasCleaned) {
    /// The copies whose bytes are not here.
    List<BlockRow> lost() {
      return blocks.stream()
          .filter(block -> block.bytes().isEmpty())
          .map(block -> block.located().row())
          .toList();
    }

    static Reading cleaned(List<Read> blocks) {
      return new Reading(blocks, Optional.empty(), true);
    }

    /// `bytes` are those of the object from `start` on.
    static Reading of(Span span, byte[] bytes, long start, Optional<Damage> known) {
      List<Read> read = new ArrayList<>(span.blocks().size());
      for (Placed block : span.blocks()) {
        read.add(new Read(block.located(), intact(bytes, block, block.offset() - start)));
      }
      boolean isWhole = read.stream().allMatch(block -> block.bytes().isPresent());
      return new Reading(
          read, isWhole || known.equals(MISSING) ? known : Optional.of(Damage.DATA), false);
    }
  }
}
