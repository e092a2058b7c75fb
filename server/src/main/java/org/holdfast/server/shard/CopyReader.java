package org.holdfast.server.shard;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.ReadAhead;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.Source;
import org.holdfast.server.state.BlockRow;

/// Reads blocks segment by segment, in the order of the log, for who copies some of them elsewhere:
/// several requests at a time, each block's checksum checked.
///
/// An object that is absent or damaged is asked for again, as a restore does it, and told from one
/// that was cleaned meanwhile. What it holds in memory does not follow from how much it reads.
///
/// Used by one thread.
public final class CopyReader {
  /// Headers on their way or waiting for their turn, a megabyte each at most.
  private static final int HEADERS_MAX = 8;

  /// Requests for blocks at a time, [BlockReader]'s longest each.
  private static final int READS_MAX = 4;

  private final Spawner spawner;
  private final BooleanSupplier over;
  private final HeaderReader headers;
  private final BlockReader blocks;
  private final Damages damages;
  private volatile boolean hasMissed;

  /// Of a log that was read up to the segment `seen`. Where `over` says so nobody waits any more.
  public CopyReader(
      SegmentId seen,
      LogReader reader,
      Bucket bucket,
      Clock clock,
      Spawner spawner,
      long patienceMillis,
      BooleanSupplier over)
      throws HoldfastException {
    this.spawner = spawner;
    this.over = over;
    this.damages = new Damages(clock, patienceMillis, Optional.empty());
    LaterLog later = new LaterLog(seen.shard(), reader, spawner, clock, Optional.of(seen));
    BlockReader.Retired retired =
        id -> {
          boolean isRetired = later.isRetired(id, damages.contains(id));
          hasMissed |= isRetired;
          return isRetired;
        };
    this.headers = new HeaderReader(reader, damages, retired);
    this.blocks = new BlockReader(bucket, damages, retired);
  }

  /// Hands over what of these segments is wanted and can be read.
  public void read(List<SegmentId> segments, Choice choice, Sink sink) throws HoldfastException {
    Source<Optional<SegmentHeader>> each =
        new ReadAhead<>(
            segments,
            ReadAhead.Bounds.of(HEADERS_MAX),
            spawner,
            segment -> headers.read(segment, over));
    while (each.hasNext()) {
      Optional<SegmentHeader> header = each.next();
      if (header.isPresent()) {
        read(header.get(), choice, sink);
      }
    }
  }

  private void read(SegmentHeader header, Choice choice, Sink sink) throws HoldfastException {
    List<LogEntry> entries = header.entries();
    List<BlockReader.Placed> wanted =
        BlockReader.placed(header).stream()
            .filter(
                each -> choice.isWanted(entries.get(each.located().index()), each.located().row()))
            .toList();
    Source<BlockReader.Reading> readings =
        new ReadAhead<>(
            BlockReader.plan(wanted),
            ReadAhead.Bounds.of(READS_MAX),
            spawner,
            span -> blocks.read(span, over));
    while (readings.hasNext()) {
      for (BlockReader.Read block : readings.next().blocks()) {
        if (over.getAsBoolean()) {
          throw new UnavailableException("stopped");
        }
        if (block.bytes().isPresent()) {
          BlockReader.Located at = block.located();
          sink.copy(entries.get(at.index()), at.row(), block.bytes().get());
        }
      }
    }
  }

  /// Whether a segment was cleaned before it was read: what it held lies elsewhere by now.
  public boolean hasMissed() {
    return hasMissed;
  }

  /// The objects that are not what was stored, each with what is wrong with it: what that has come
  /// to the sink knows, which may have another copy of each block.
  public Map<SegmentId, String> damaged() {
    Map<SegmentId, String> lines = new TreeMap<>();
    damages.known().forEach((id, damage) -> lines.put(id, damage.brief(id)));
    return lines;
  }

  /// Which copies are wanted.
  public interface Choice {
    boolean isWanted(LogEntry entry, BlockRow copy);
  }

  /// Takes copies, in the order of the log. The bytes are the sink's to copy: they lie among
  /// others.
  public interface Sink {
    void copy(LogEntry entry, BlockRow copy, ByteBuffer data) throws HoldfastException;
  }
}
