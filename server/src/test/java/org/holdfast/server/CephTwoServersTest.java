package org.holdfast.server;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.stores.CephGateways;
import org.holdfast.stores.PlainS3;
import org.holdfast.stores.S3Access;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/// Each server by its own gateway.
class CephTwoServersTest extends TwoServersContract {
  private static Optional<S3Ground> ground = Optional.empty();

  @BeforeAll
  static void start() throws Exception {
    Optional<CephGateways> ceph = CephGateways.from(System.getenv());
    Assumptions.assumeTrue(ceph.isPresent(), "no Ceph: see docs/stores.md");
    List<S3Access> gateways = ceph.orElseThrow().gateways();
    String name = "rivals-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(name);
    ground = Optional.of(new S3Ground(gateways, name));
  }

  @AfterAll
  static void stop() {
    ground.ifPresent(S3Ground::close);
  }

  @Override
  int runs() {
    return 20;
  }

  @Override
  Ground ground(long seed) {
    return ground.orElseThrow().below("run" + seed + "/");
  }

  @Override
  boolean keepsIndexes() {
    return false;
  }
}
