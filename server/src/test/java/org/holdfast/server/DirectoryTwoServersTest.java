package org.holdfast.server;

import java.security.SecureRandom;
import java.util.Map;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.log.SegmentId;

/// Over a folder, each server with its own way to it and its index on disk.
class DirectoryTwoServersTest extends TwoServersContract {
  @Override
  int runs() {
    return 8;
  }

  @Override
  Ground ground(long seed) throws Exception {
    Buckets buckets =
        new Buckets(
            new SystemClock(), new SecureRandom(), Spawner.virtual(), S3Settings.of(Map.of()));
    return Ground.of(
        buckets.openOrCreate(
            new BucketAddress.Directory(folder.resolve("bucket" + seed)), SegmentId.PREFIX));
  }

  @Override
  boolean keepsIndexes() {
    return true;
  }
}
