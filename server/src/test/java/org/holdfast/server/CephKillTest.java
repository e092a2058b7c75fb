package org.holdfast.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.S3Fixture;
import org.holdfast.stores.CephDaemons;
import org.holdfast.stores.CephGateways;
import org.holdfast.stores.PlainS3;
import org.holdfast.stores.S3Access;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;

/// The gateway that the server uses, its disk's daemon, and all daemons at once.
class CephKillTest extends KillContract {
  private static final List<String> KILLED = List.of("rgw.a", "all", "osd", "all");

  private final List<Bucket> ways = new ArrayList<>();
  private Optional<CephDaemons> daemons = Optional.empty();

  @BeforeEach
  void open() throws Exception {
    Optional<CephGateways> ceph = CephGateways.from(System.getenv());
    Assumptions.assumeTrue(ceph.isPresent(), "no Ceph: see docs/stores.md");
    daemons = CephDaemons.from(System.getenv());
    Assumptions.assumeTrue(daemons.isPresent(), "a Ceph that scripts/ceph has not started");
    List<S3Access> gateways = ceph.orElseThrow().gateways();
    String name = "killed-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(name);
    for (S3Access gateway : gateways) {
      ways.add(
          S3Fixture.buckets(gateway, "s3-retry-time", "1000", "s3-attempt-timeout", "5000")
              .open(new BucketAddress.S3(name, "")));
    }
  }

  @AfterEach
  void close() throws Exception {
    ways.forEach(Bucket::close);
    if (daemons.isPresent()) {
      daemons.get().startAgain();
    }
  }

  @Override
  int rounds() {
    return KILLED.size();
  }

  @Override
  List<Bucket> ways() {
    return ways;
  }

  @Override
  void kill(int round) throws Exception {
    String which = KILLED.get(round);
    if (which.equals("all")) {
      daemons.orElseThrow().killAll();
    } else {
      daemons.orElseThrow().kill(which);
    }
  }

  @Override
  void startAgain() throws Exception {
    daemons.orElseThrow().startAgain();
  }
}
