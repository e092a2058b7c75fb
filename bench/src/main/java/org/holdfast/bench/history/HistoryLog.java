package org.holdfast.bench.history;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;
import org.holdfast.log.Fence;
import org.holdfast.log.LogEntry;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;
import org.holdfast.server.ServiceSecrets;
import org.holdfast.server.state.ShardState;

/// The log of a history, written as a server writes it: the real writer fills segments, and a real
/// state takes each record before the next one is made. What does not fit ends the history there,
/// and digests are what every replay must come to.
///
/// Not thread-safe.
final class HistoryLog {
  static final int SHARD = 0;

  private static final int OWNER_LENGTH = 16;

  /// What is in the bucket is shown at once.
  private static final long PATIENCE_MILLIS = 0;

  private final ServiceSecrets secrets;
  private final LogKey key;
  private final SparseBucket bucket;
  private final Puts puts;
  private final PassingIndex index;
  private final HistoryClock time;
  private final Draw draw;
  private final DeadSegments dead;
  private final Zeros zeros = new Zeros();
  private final ShardState state;
  private final Map<Class<?>, Long> kinds = new HashMap<>();
  private LogWriter writer;
  private List<ByteBuffer> closed = List.of();
  private Optional<SegmentId> last = Optional.empty();
  private long segments;
  private long deleted;
  private long headerBytes;
  private long dataBytes;

  HistoryLog(
      ServiceSecrets secrets,
      SparseBucket bucket,
      PassingIndex index,
      DeadSegments dead,
      HistoryClock time,
      Draw draw) {
    this.secrets = secrets;
    this.key = new LogKey(secrets.logKey());
    this.bucket = bucket;
    this.puts = new Puts(bucket, Spawner.platform());
    this.index = index;
    this.dead = dead;
    this.time = time;
    this.draw = draw;
    this.state = ShardState.open(SHARD, index);
    this.writer = writer(SegmentId.first(SHARD, 1));
  }

  ShardState state() {
    return state;
  }

  /// How many records there are.
  long records() {
    return state.position().nextRecord() - 1;
  }

  /// A server takes the log over: the epoch before is sealed, and its own begins.
  void takeOver() throws HoldfastException {
    flush();
    puts.drain();
    Fence fence =
        new Fence(bucket, key, secrets.service(), time, Spawner.virtual(), PATIENCE_MILLIS);
    int epoch = fence.take(SHARD, last, () -> draw.bytes(OWNER_LENGTH)).epoch();
    writer = writer(SegmentId.first(SHARD, epoch));
    append(new LogRecord.EpochBegun(epoch, draw.bytes(OWNER_LENGTH), time.wallMillis()));
    digest();
  }

  private LogWriter writer(SegmentId first) {
    long next = state.position().nextRecord();
    return new LogWriter(secrets.service(), key, first, next, time, (_, body) -> closed = body);
  }

  /// Appends a record, with zeros for its data; answers its number. A block that is stored has a
  /// name of its own.
  long append(LogRecord item) throws HoldfastException {
    end(writer.roll(item.dataLength()));
    LogEntry entry = writer.append(item, zeros.block(item.dataLength()));
    index.isNew(item instanceof LogRecord.BlockStored);
    state.apply(entry, writer.openSegment());
    index.isNew(false);
    kinds.merge(item.getClass(), 1L, Long::sum);
    end(writer.roll(0));
    return entry.number();
  }

  /// The checksum of a block of zeros.
  int checksum(int length) {
    return zeros.checksum(length);
  }

  void digest() throws HoldfastException {
    append(new LogRecord.Digest(state.digest()));
  }

  /// Somebody waits for what was appended: it becomes durable.
  void flush() throws HoldfastException {
    end(writer.flush());
  }

  private void end(Optional<SegmentHeader> ended) throws HoldfastException {
    if (ended.isEmpty()) {
      return;
    }
    SegmentHeader header = ended.get();
    state.endSegment(header);
    puts.put(header.id(), closed);
    dead.add(header, index::isKept);
    closed = List.of();
    for (SegmentHeader durable : writer.stored(header.id())) {
      state.durable(durable.id());
    }
    last = Optional.of(header.id());
    segments++;
    headerBytes += header.headerLength();
    dataBytes += header.dataLength();
  }

  /// What a segment says that is in the bucket.
  List<LogEntry> entries(SegmentId id) throws HoldfastException {
    puts.drain();
    LogReader reader =
        new LogReader(bucket, key, secrets.service(), Spawner.virtual(), time, PATIENCE_MILLIS);
    return reader.header(id).orElseThrow().entries();
  }

  /// The segment is retired, and that is durable.
  void delete(SegmentId id) throws HoldfastException {
    puts.drain();
    bucket.delete(id.key());
    deleted++;
  }

  /// What there is, in the bucket.
  Made made() throws HoldfastException {
    puts.drain();
    Map<String, Long> counts = new HashMap<>();
    kinds.forEach((kind, count) -> counts.put(kind.getSimpleName(), count));
    return new Made(
        records(),
        segments - deleted,
        deleted,
        headerBytes,
        dataBytes,
        state.digest().toString(),
        counts);
  }

  /// What there is of a history, but for seals; records by their kinds too. Lengths in bytes, those
  /// of segments that were cleaned among them.
  record Made(
      long records,
      long segments,
      long deletedSegments,
      long headerBytes,
      long dataBytes,
      String digest,
      Map<String, Long> kinds) {}
}
