package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
      assertThatThrownBy(() -> buckets.openOrCreate(S3Fixture.fresh("holdfast")))
          .isInstanceOf(RefusedException.class)
          .hasMessageContaining("winners");
    }
  }
}
