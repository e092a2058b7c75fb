package org.holdfast.server.shard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;
import org.holdfast.log.Source;

/// What a log says behind the place up to which a process has read it that follows it no further:
/// its owner may have cleaned a segment meanwhile. It is listed only where an object is not what it
/// should be.
///
/// Any thread.
final class LaterLog {
  private final int shard;
  private final LogReader reader;
  private final Spawner spawner;
  private final Optional<SegmentId> seen;

  /// `seen` is the last segment that was read.
  LaterLog(int shard, LogReader reader, Spawner spawner, Optional<SegmentId> seen) {
    this.shard = shard;
    this.reader = reader;
    this.spawner = spawner;
    this.seen = seen;
  }

  /// Throws if the segment was cleaned since. Where that cannot be made out it was not.
  void checkNotRetired(SegmentId id) throws UnavailableException {
    if (isRetired(id)) {
      throw new UnavailableException(
          "blocks were moved by the owner of the log while they were read: try again", 1000);
    }
  }

  private boolean isRetired(SegmentId id) throws UnavailableException {
    try {
      LogChain chain = LogChain.of(reader, shard, Optional.empty());
      return retired(reader, chain.counted(shard, seen, spawner)).stream()
          .anyMatch(range -> range.contains(id));
    } catch (CorruptException | RefusedException _) {
      return false;
    } catch (HoldfastException e) {
      throw new UnavailableException("the log cannot be listed now: try again", e);
    }
  }

  /// What these segments retire, as their headers say.
  static List<SegmentRange> retired(LogReader reader, LogChain.Counted counted)
      throws HoldfastException {
    List<SegmentRange> retired = new ArrayList<>();
    Source<Optional<SegmentHeader>> headers = reader.headers(counted.segments());
    while (headers.hasNext()) {
      Optional<SegmentHeader> header = headers.next();
      for (LogEntry entry : header.map(SegmentHeader::entries).orElse(List.of())) {
        if (entry.item() instanceof LogRecord.SegmentsRetired record) {
          retired.add(record.range(header.orElseThrow().id().shard()));
        }
      }
    }
    return retired;
  }
}
