package org.holdfast.log;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.BucketBelow;
import org.holdfast.bucket.S3Fixture;
import org.holdfast.stores.S3ProxyServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3ProxyFenceTest extends FenceContract {
  @TempDir private static Path folder;
  private static S3ProxyServer server;
  private static Bucket bucket;
  private static int places;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(folder);
    server.makeBucket("holdfast");
    bucket = S3Fixture.buckets(server.access()).open(new BucketAddress.S3("holdfast", ""));
  }

  @AfterAll
  static void stop() {
    bucket.close();
    server.close();
  }

  @Override
  protected List<Bucket> ways() {
    return List.of(new BucketBelow(bucket, "place" + places++ + "/"));
  }

  @Override
  protected int histories() {
    return 5;
  }
}
