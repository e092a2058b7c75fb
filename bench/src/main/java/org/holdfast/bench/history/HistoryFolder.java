package org.holdfast.bench.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Buckets;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.log.SegmentId;
import org.holdfast.server.ServerConfig;
import org.holdfast.server.ServiceSecrets;

/// The folder of a service with a history: `server.conf`, `secrets`, `bucket`; `state` comes with
/// the first rebuild or start.
final class HistoryFolder {
  private final Path folder;

  HistoryFolder(Path folder) {
    this.folder = folder;
  }

  Path config() {
    return folder.resolve("server.conf");
  }

  /// Makes it, with a history in it. Refused if there is anything already.
  HistoryLog.Made make(Shape shape, LongConsumer progress) throws IOException, HoldfastException {
    Files.createDirectories(folder);
    try (Stream<Path> found = Files.list(folder)) {
      if (found.findAny().isPresent()) {
        throw new RefusedException(folder + " is not empty: choose another folder");
      }
    }
    Draw draw = new Draw(shape.seed());
    ServiceSecrets secrets = ServiceSecrets.create(draw);
    Path file = Files.writeString(folder.resolve("secrets"), secrets.encode());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        config(),
        """
        bucket = dir:bucket
        state = state
        secrets = secrets
        listen = 127.0.0.1:0
        grace-days = %d
        """
            .formatted(Deletion.GRACE_DAYS));
    ServerConfig config = ServerConfig.read(config(), Map.of());
    HistoryClock time = new HistoryClock();
    Buckets buckets = new Buckets(time, draw, Spawner.virtual(), config.s3());
    try (Bucket bucket = buckets.openOrCreate(config.bucket(), SegmentId.PREFIX)) {
      SparseBucket sparse = new SparseBucket(folder.resolve("bucket"), bucket);
      PassingIndex index = new PassingIndex();
      DeadSegments dead = new DeadSegments(shape.cleanedPercent() > 0);
      HistoryLog log = new HistoryLog(secrets, sparse, index, dead, time, draw);
      new Life(new Scene(shape, log, index, dead, time, draw)).run(progress);
      return log.made();
    }
  }
}
