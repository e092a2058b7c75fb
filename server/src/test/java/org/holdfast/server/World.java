package org.holdfast.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.holdfast.bucket.Bucket;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.KeptThreads;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.TransactionId;
import org.holdfast.log.LogChain;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogWriter;
import org.holdfast.log.SegmentId;
import org.holdfast.log.StateDigest;
import org.holdfast.server.index.Index;
import org.holdfast.server.index.RocksIndex;
import org.holdfast.server.recovery.Sorting;
import org.holdfast.server.shard.CatchUp;
import org.holdfast.server.shard.Damages;
import org.holdfast.server.shard.ShardService;
import org.holdfast.server.shard.ShardStart;
import org.holdfast.server.state.MachineRow;
import org.holdfast.server.state.ShardState;

/// A service's fixed values, what a start tells, and folders that are copied.
final class World implements ShardStart.Listener {
  static final LogKey KEY = new LogKey(Bytes.wrap(new byte[32]));
  static final ServiceId SERVICE = ServiceId.of(new byte[16]);

  final List<String> told = new CopyOnWriteArrayList<>();
  final List<Exception> stopped = new CopyOnWriteArrayList<>();
  final TestClock clock = new TestClock();
  final KeptThreads threads = new KeptThreads();
  private final SecureRandom random = new SecureRandom();
  private final Clock time;

  World() {
    time = clock;
  }

  /// In time that passes as somebody else says.
  World(Clock time) {
    this.time = time;
  }

  Service.Terms terms(Bucket bucket) {
    return new Service.Terms(
        SERVICE, KEY, bucket, time, threads, random, 0, 60_000, RocksIndex::open);
  }

  /// With segments so short that there are many.
  Service.Terms terms(Bucket bucket, int segmentDataLength) {
    return terms(bucket, segmentDataLength, RocksIndex::open);
  }

  Service.Terms terms(Bucket bucket, int segmentDataLength, Index.Opening indexes) {
    return new Service.Terms(
        SERVICE,
        KEY,
        bucket,
        time,
        threads,
        random,
        0,
        Service.Terms.GRACE_MILLIS,
        60_000,
        indexes,
        segmentDataLength,
        LogWriter.IN_FLIGHT_MAX,
        new Sorting(20, 100));
  }

  Service own(Bucket bucket, Path folder, int segmentDataLength) throws HoldfastException {
    return Service.own(terms(bucket, segmentDataLength), folder, this, stopped::add);
  }

  Service own(Bucket bucket, Path folder) throws HoldfastException {
    return Service.own(terms(bucket), folder, this, stopped::add);
  }

  /// Takes the log over with an index that the caller keeps.
  ShardService own(Bucket bucket, Index index) throws HoldfastException {
    ShardStart start = terms(bucket).start(this);
    int epoch = start.fence(index, random);
    ShardService shard =
        terms(bucket)
            .shard(start.catchUp(index), new Damages(clock, 0, Optional.empty()), stopped::add);
    Bytes owner = TransactionId.random(random).bytes();
    shard.own(SERVICE, KEY, SegmentId.first(0, epoch), owner, random, Set.of());
    return shard;
  }

  /// Bytes of blocks that the machines have.
  static long kept(Service service) throws HoldfastException {
    return service.shard().read(ShardState::machines).values().stream()
        .mapToLong(MachineRow::bytes)
        .sum();
  }

  /// Bytes of blocks that are counted as live in the segments.
  static long live(Service service) throws HoldfastException {
    return service
        .shard()
        .durable(rows -> {
          long[] sum = new long[1];
          rows.eachSegment(0, (_, row) -> sum[0] += row.liveLength());
          return sum[0];
        });
  }

  static StateDigest digest(Service service) throws HoldfastException {
    return service.shard().read(ShardState::digest);
  }

  /// Replays all that counts into an index, and returns the digest.
  static StateDigest replay(Bucket bucket, Index index) throws HoldfastException {
    return replay(bucket, index, 0);
  }

  /// As [#replay], asking for so long again.
  static StateDigest replay(Bucket bucket, Index index, long patienceMillis)
      throws HoldfastException {
    LogReader reader =
        new LogReader(bucket, KEY, SERVICE, Spawner.virtual(), new TestClock(), patienceMillis);
    return new CatchUp(0, reader, Spawner.virtual(), Optional.empty(), new CatchUp.Listener() {})
        .run(index)
        .digest();
  }

  static List<SegmentId> counted(Bucket bucket) throws HoldfastException {
    return counted(reader(bucket)).segments();
  }

  private static LogChain.Counted counted(LogReader reader) throws HoldfastException {
    return LogChain.of(reader, 0, Optional.empty()).counted(0, Optional.empty(), Spawner.virtual());
  }

  static LogReader reader(Bucket bucket) {
    return new LogReader(bucket, KEY, SERVICE, Spawner.virtual(), new TestClock(), 0);
  }

  static Path copy(Path from, Path to) throws IOException {
    List<Path> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(from)) {
      files.forEach(all::add);
    }
    for (Path each : all) {
      Path target = to.resolve(from.relativize(each).toString());
      if (Files.isDirectory(each)) {
        Files.createDirectories(target);
      } else if (!each.endsWith("LOCK") && Files.isRegularFile(each)) {
        Files.copy(each, target);
      }
    }
    return to;
  }

  @Override
  public void proven(StateDigest digest) {
    told.add("proven");
  }

  @Override
  public void discarded(String reason) {
    told.add("discarded " + reason);
  }

  @Override
  public void replaying(int segments) {
    told.add("replaying " + segments);
  }

  @Override
  public void replayed(long segmentsDone, long segmentsAll, long recordsDone) {}
}
