package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Range;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.SegmentId;
import org.holdfast.server.state.BlockRow;

/// Reads blocks in the order in which they lie in the bucket, neighbours in one request.
final class BlockReader {
  /// A gap that is cheaper to read than another request, in bytes: a request costs about as much as
  /// so many bytes at the rate of an object store.
  private static final int GAP_MAX = 256 << 10;

  /// The longest range of one request, in bytes.
  private static final int RANGE_MAX = 8 << 20;

  private final Bucket bucket;

  BlockReader(Bucket bucket) {
    this.bucket = bucket;
  }

  /// The requests that fetch these blocks, in the order of the log.
  static List<Span> plan(List<Placed> blocks) {
    List<Placed> sorted = new ArrayList<>(blocks);
    sorted.sort(
        Comparator.comparing((Placed placed) -> placed.located().segment())
            .thenComparingLong(Placed::offset));
    List<Span> spans = new ArrayList<>();
    List<Placed> current = new ArrayList<>();
    for (Placed next : sorted) {
      if (!current.isEmpty() && !joins(current.getFirst(), current.getLast(), next)) {
        spans.add(new Span(current));
        current = new ArrayList<>();
      }
      current.add(next);
    }
    if (!current.isEmpty()) {
      spans.add(new Span(current));
    }
    return spans;
  }

  /// The blocks of one span, each with its bytes, or with null where they are not what was stored.
  List<Read> read(Span span) throws HoldfastException {
    Placed first = span.blocks().getFirst();
    long start = first.offset();
    Optional<Range> range = bucket.get(first.located().segment().key(), start, span.length());
    if (range.isEmpty()) {
      throw new UnavailableException(
          first.located().segment()
              + " (object "
              + first.located().segment().key()
              + ") is missing from the bucket: restore the object from a copy of the bucket");
    }
    byte[] bytes = range.get().bytes();
    List<Read> read = new ArrayList<>(span.blocks().size());
    for (Placed block : span.blocks()) {
      read.add(new Read(block.located(), intact(bytes, block, (int) (block.offset() - start))));
    }
    return read;
  }

  private static Optional<ByteBuffer> intact(byte[] bytes, Placed block, int from) {
    int length = block.located().row().length();
    if (from + (long) length > bytes.length) {
      return Optional.empty();
    }
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

  /// A block with its offset in the object, in bytes.
  record Placed(Located located, long offset) {
    long end() {
      return offset + located.row().length();
    }
  }

  /// Blocks that one request reads.
  record Span(List<Placed> blocks) {
    /// What reading it takes, gaps included.
    int length() {
      return (int) (blocks.getLast().end() - blocks.getFirst().offset());
    }

    /// What its blocks have without the gaps.
    long blockLength() {
      return blocks.stream().mapToLong(block -> block.located().row().length()).sum();
    }
  }

  /// A block's bytes; empty if they are damaged.
  record Read(Located located, Optional<ByteBuffer> bytes) {}
}
