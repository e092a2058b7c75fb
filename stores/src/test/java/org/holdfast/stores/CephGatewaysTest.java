package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class CephGatewaysTest {
  private static final int ROUNDS = 20;

  @Test
  void theyAreWhatTheEnvironmentSays() {
    Map<String, String> environment =
        Map.of(
            "HOLDFAST_CEPH", "http://127.0.0.1:1,http://127.0.0.1:2",
            "HOLDFAST_CEPH_ACCESS_KEY", "k",
            "HOLDFAST_CEPH_SECRET_KEY", "s");
    assertThat(CephGateways.from(environment).orElseThrow().gateways())
        .containsExactly(
            new S3Access(URI.create("http://127.0.0.1:1"), "us-east-1", "k", "s"),
            new S3Access(URI.create("http://127.0.0.1:2"), "us-east-1", "k", "s"));
    assertThat(CephGateways.from(Map.of())).isEmpty();
  }

  @Test
  void aRaceOverBothGatewaysHasOneWinner() throws Exception {
    Optional<CephGateways> ceph = CephGateways.from(System.getenv());
    assumeTrue(ceph.isPresent(), "no Ceph: see docs/stores.md");
    List<S3Access> gateways = ceph.orElseThrow().gateways();
    assertThat(gateways).hasSizeGreaterThan(1);
    String bucket = "race-" + UUID.randomUUID();
    new PlainS3(gateways.getFirst()).makeBucket(bucket);
    for (int round = 0; round < ROUNDS; round++) {
      String target = "/" + bucket + "/" + round;
      List<String> winners = Race.winners(gateways, target);
      assertThat(winners).hasSize(1);
      for (S3Access gateway : gateways) {
        assertThat(new PlainS3(gateway).get(target).body())
            .isEqualTo(winners.getFirst().getBytes(UTF_8));
      }
    }
  }
}
