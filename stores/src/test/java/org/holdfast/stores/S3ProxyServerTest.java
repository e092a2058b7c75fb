package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3ProxyServerTest {
  private static final byte[] BODY = "body".getBytes(UTF_8);

  @TempDir private static Path folder;
  private static S3ProxyServer server;

  @BeforeAll
  static void start() throws Exception {
    server = S3ProxyServer.start(folder);
    server.makeBucket("bucket");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void whatItAnsweredIsThereAfterAKill() throws Exception {
    PlainS3 s3 = new PlainS3(server.access());
    assertThat(s3.putIfAbsent("/bucket/a/b", BODY).status()).isEqualTo(200);
    assertThat(server.bucketFolder("bucket").resolve("a/b")).hasBinaryContent(BODY);
    assertThat(s3.putIfAbsent("/bucket/a/b", "other".getBytes(UTF_8)).status()).isEqualTo(412);

    server.kill();
    assertThatThrownBy(() -> s3.get("/bucket/a/b")).isInstanceOf(IOException.class);

    server.startAgain();
    assertThat(s3.get("/bucket/a/b").body()).isEqualTo(BODY);
    assertThat(Files.readString(folder.resolve("log"))).doesNotContain("DEBUG");
  }

  @Test
  void aWrongSignatureIsRefused() throws Exception {
    S3Access right = server.access();
    S3Access wrong = new S3Access(right.endpoint(), right.region(), right.accessKey(), "wrong");
    assertThat(new PlainS3(wrong).put("/bucket/a", BODY).status()).isEqualTo(403);
    String list = "/bucket?list-type=2&prefix=a%2Fb";
    assertThat(new PlainS3(right).get(list).status()).isEqualTo(200);
  }

  @Test
  void aRaceHasOneWinner() throws Exception {
    try (FaultProxy proxy = FaultProxy.start(server.endpoint(), Weather.CALM)) {
      List<S3Access> ways = List.of(server.access(), server.access().by(proxy.endpoint()));
      for (int round = 0; round < 20; round++) {
        List<String> winners = Race.winners(ways, "/bucket/" + round);
        assertThat(winners).hasSize(1);
        assertThat(server.bucketFolder("bucket").resolve("" + round))
            .hasContent(winners.getFirst());
      }
    }
  }
}
