package org.holdfast.stores;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3MockServerTest {
  private static final int MOST_ROUNDS = 50;

  @TempDir private Path folder;

  @Test
  void aRaceHasSeveralWinners() throws Exception {
    try (S3MockServer server = S3MockServer.start(folder)) {
      PlainS3 s3 = new PlainS3(server.access());
      server.makeBucket("bucket");
      assertThat(s3.putIfAbsent("/bucket/a", new byte[1]).status()).isEqualTo(200);
      assertThat(s3.putIfAbsent("/bucket/a", new byte[2]).status()).isEqualTo(412);

      int most = 0;
      for (int round = 0; round < MOST_ROUNDS && most < 2; round++) {
        most = Math.max(most, Race.winners(List.of(server.access()), "/bucket/r" + round).size());
      }
      assertThat(most).isGreaterThan(1);
    }
  }
}
