package org.holdfast.log;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.Buckets;
import org.holdfast.bucket.S3Settings;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.io.TempDir;

/// Over a folder, opened twice as two processes would.
class DirectoryFenceTest extends FenceContract {
  @TempDir Path folder;
  private int places;

  @Override
  protected List<Bucket> ways() throws Exception {
    var address = new BucketAddress.Directory(folder.resolve("bucket" + places++));
    List<Bucket> ways = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      ways.add(
          new Buckets(Samples.CLOCK, new SecureRandom(), Spawner.virtual(), S3Settings.of(Map.of()))
              .openOrCreate(address, SegmentId.PREFIX));
    }
    return ways;
  }

  @Override
  protected int histories() {
    return 10;
  }
}
