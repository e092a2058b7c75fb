package org.holdfast.server;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.S3Fixture;
import org.holdfast.stores.S3ProxyServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class S3ProxyKillTest extends KillContract {
  @TempDir private Path store;
  private S3ProxyServer server;
  private Bucket bucket;

  @BeforeEach
  void start() throws Exception {
    server = S3ProxyServer.start(store);
    server.makeBucket("holdfast");
    bucket =
        S3Fixture.buckets(server.access(), "s3-retry-time", "500")
            .open(new BucketAddress.S3("holdfast", ""));
  }

  @AfterEach
  void stop() {
    bucket.close();
    server.close();
  }

  @Override
  int rounds() {
    return 1;
  }

  @Override
  List<Bucket> ways() {
    return List.of(bucket);
  }

  @Override
  void kill(int round) {
    server.kill();
  }

  @Override
  void startAgain() throws Exception {
    server.startAgain();
  }
}
