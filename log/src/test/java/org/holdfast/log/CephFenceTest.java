package org.holdfast.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.BucketAddress;
import org.holdfast.bucket.BucketBelow;
import org.holdfast.bucket.S3Fixture;
import org.holdfast.stores.CephGateways;
import org.holdfast.stores.PlainS3;
import org.holdfast.stores.S3Access;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

/// By both gateways of one Ceph.
class CephFenceTest extends FenceContract {
  private static final List<Bucket> GATEWAYS = new ArrayList<>();
  private static int places;

  @BeforeAll
  static void open() throws Exception {
    Optional<CephGateways> ceph = CephGateways.from(System.getenv());
    Assumptions.assumeTrue(ceph.isPresent(), "no Ceph: see docs/stores.md");
    List<S3Access> gateways = ceph.orElseThrow().gateways();
    String name = "fence-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(name);
    for (S3Access gateway : gateways) {
      GATEWAYS.add(S3Fixture.buckets(gateway).open(new BucketAddress.S3(name, "")));
    }
  }

  @AfterAll
  static void close() {
    GATEWAYS.forEach(Bucket::close);
    GATEWAYS.clear();
  }

  @Override
  protected List<Bucket> ways() {
    String place = "place" + places++ + "/";
    return GATEWAYS.stream().<Bucket>map(gateway -> new BucketBelow(gateway, place)).toList();
  }

  @Override
  protected int histories() {
    return 30;
  }
}
