package org.holdfast.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.core.Bytes;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.Spawner;

/// One shard's log in a bucket, and what tests do to it by hand.
final class Log {
  static final int SHARD = 0;
  private static final AtomicInteger OWNERS = new AtomicInteger();

  final Bucket bucket;
  final LogReader reader;

  Log(Bucket bucket) {
    this.bucket = bucket;
    this.reader =
        new LogReader(bucket, Samples.KEY, Samples.SERVICE, Spawner.virtual(), Samples.CLOCK, 0);
  }

  static SegmentId id(int epoch, long number) {
    return new SegmentId(SHARD, epoch, number);
  }

  /// Puts a segment that holds one record.
  Log put(int epoch, long number, long stable) throws HoldfastException {
    SegmentBuilder builder = new SegmentBuilder(Samples.SERVICE, id(epoch, number), false);
    builder.add(number, Samples.mark(number), Samples.NO_DATA);
    return put(id(epoch, number), builder.close(stable, Samples.TIME, Samples.KEY).body());
  }

  Log seal(int epoch, long number) throws HoldfastException {
    return put(
        id(epoch, number),
        SegmentBuilder.seal(Samples.SERVICE, id(epoch, number), owner(), Samples.TIME, Samples.KEY)
            .body());
  }

  private Log put(SegmentId id, List<ByteBuffer> body) throws HoldfastException {
    if (bucket.putIfAbsent(id.key(), body) != PutResult.CREATED) {
      throw new AssertionError(id + " exists");
    }
    return this;
  }

  int take() throws HoldfastException {
    return take(Optional.empty());
  }

  int take(Optional<SegmentId> seen) throws HoldfastException {
    return new Fence(bucket, Samples.KEY, Samples.SERVICE, Samples.CLOCK, Spawner.virtual(), 0)
        .take(SHARD, seen, Log::owner)
        .epoch();
  }

  LogChain chain() throws HoldfastException {
    return new LogChain(reader, reader.list(SHARD));
  }

  /// The epoch and number of each segment that counts, as in `1/2`.
  List<String> counted() throws HoldfastException {
    return chain().counted(SHARD, Optional.empty(), Spawner.virtual()).segments().stream()
        .map(id -> id.epoch() + "/" + id.number())
        .toList();
  }

  /// All records that count, in order.
  List<LogEntry> records() throws HoldfastException {
    List<LogEntry> all = new ArrayList<>();
    for (SegmentId id : chain().counted(SHARD, Optional.empty(), Spawner.virtual()).segments()) {
      all.addAll(reader.header(id).orElseThrow().entries());
    }
    return all;
  }

  static Bytes owner() {
    return Bytes.wrap(ByteBuffer.allocate(16).putInt(OWNERS.incrementAndGet()).array());
  }

  /// An owner that makes one step at a time: its puts wait until they are delivered.
  final class Owner {
    final int epoch;
    final Map<SegmentId, List<ByteBuffer>> onTheirWay = new HashMap<>();
    final List<LogEntry> acknowledged = new ArrayList<>();
    private final LogWriter writer;
    boolean fenced;

    Owner() throws HoldfastException {
      epoch = take();
      List<LogEntry> before = records();
      long next = before.isEmpty() ? 1 : before.getLast().number() + 1;
      writer =
          new LogWriter(
              Samples.SERVICE,
              Samples.KEY,
              SegmentId.first(SHARD, epoch),
              next,
              Samples.CLOCK,
              onTheirWay::put);
    }

    void write(long value) {
      if (!fenced && writer.hasRoom(0)) {
        writer.append(Samples.mark(value), Samples.NO_DATA);
      }
    }

    void flush() {
      if (!fenced) {
        writer.flush();
      }
    }

    /// One of the puts reaches the bucket; its answer comes back only if `heard`.
    void deliver(SegmentId id, boolean heard) throws HoldfastException {
      List<ByteBuffer> body = onTheirWay.get(id);
      boolean ours =
          bucket.putIfAbsent(id.key(), body) == PutResult.CREATED || Fence.holds(bucket, id, body);
      if (!heard) {
        return;
      }
      onTheirWay.remove(id);
      if (!ours) {
        fenced = true;
      }
      if (!fenced) {
        writer.stored(id).forEach(header -> acknowledged.addAll(header.entries()));
      }
    }
  }
}
