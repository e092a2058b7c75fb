package org.holdfast.server;

import java.nio.file.Path;
import java.util.List;
import org.holdfast.stores.S3ProxyServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class S3ProxyTwoServersTest extends TwoServersContract {
  @TempDir private static Path store;
  private static S3ProxyServer server;
  private static S3Ground ground;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(store);
    server.makeBucket("holdfast");
    ground = new S3Ground(List.of(server.access()), "holdfast");
  }

  @AfterAll
  static void stop() {
    ground.close();
    server.close();
  }

  @Override
  int runs() {
    return 4;
  }

  @Override
  Ground ground(long seed) {
    return ground.below("run" + seed + "/");
  }

  @Override
  boolean keepsIndexes() {
    return false;
  }
}
