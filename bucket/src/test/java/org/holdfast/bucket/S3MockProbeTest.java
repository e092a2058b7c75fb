package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.bucket.BucketContract.body;

import java.nio.file.Path;
import org.holdfast.bucket.ProbeReport.Finding;
import org.holdfast.core.RefusedException;
import org.holdfast.stores.S3MockServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store whose races have several winners, which is what the probe is for.
final class S3MockProbeTest {
  @Test
  void aStoreWhoseRacesAreWonTwiceIsRefused(@TempDir Path folder) throws Exception {
    try (S3MockServer server = S3MockServer.start(folder)) {
      server.makeBucket("holdfast");
      Buckets buckets = S3Fixture.buckets(server.access());
      assertThat(buckets.probe(S3Fixture.fresh("holdfast")).against(false))
          .extracting(Finding::tried)
          .contains("16 puts of a key at once");
      // What a probe that was cut off has left does not spare the next one.
      BucketAddress address = S3Fixture.fresh("holdfast");
      try (Bucket bucket = buckets.open(address)) {
        bucket.putIfAbsent("probe/0123456789abcdef/object", body("left"));
      }
      assertThatThrownBy(() -> buckets.openOrCreate(address, "log/"))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("winners");
    }
  }
}
