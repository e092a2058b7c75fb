package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.holdfast.bucket.ProbeReport.Verdict;
import org.holdfast.stores.CephGateways;
import org.holdfast.stores.PlainS3;
import org.holdfast.stores.S3Access;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract over a Ceph that `scripts/ceph` has started (`docs/stores.md`).
final class CephBucketTest extends BucketContract {
  private List<S3Access> gateways = List.of();
  private Bucket bucket = new MemoryBucket();

  @BeforeEach
  void open() throws Exception {
    Optional<CephGateways> ceph = CephGateways.from(System.getenv());
    Assumptions.assumeTrue(ceph.isPresent(), "no Ceph: see docs/stores.md");
    gateways = ceph.orElseThrow().gateways();
    String name = "holdfast-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(name);
    bucket = S3Fixture.buckets(gateways.getFirst()).open(new BucketAddress.S3(name, ""));
  }

  @Override
  protected Bucket bucket() {
    return bucket;
  }

  @Test
  void theStoreCanBeUsed() throws Exception {
    String name = "probe-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(name);
    ProbeReport report =
        S3Fixture.buckets(gateways.getLast()).probe(new BucketAddress.S3(name, ""));
    assertThat(report.against(false)).isEmpty();
    assertThat(report.findings().getLast().verdict())
        .as("it takes a body that does not fit its checksum")
        .isEqualTo(Verdict.REMARK);
  }
}
