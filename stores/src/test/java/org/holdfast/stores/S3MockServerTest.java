package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class S3MockServerTest {
  private static final int RACERS = 16;

  @TempDir private Path folder;

  @Test
  void aRaceHasSeveralWinners() throws Exception {
    try (S3MockServer server = S3MockServer.start(folder)) {
      PlainS3 s3 = new PlainS3(server.access());
      server.makeBucket("bucket");
      assertThat(s3.putIfAbsent("/bucket/a", new byte[1]).status()).isEqualTo(200);
      assertThat(s3.putIfAbsent("/bucket/a", new byte[2]).status()).isEqualTo(412);

      long most = 0;
      for (int round = 0; round < 50 && most < 2; round++) {
        most = Math.max(most, winners(s3, "/bucket/race" + round));
      }
      assertThat(most).isGreaterThan(1);
    }
  }

  private static long winners(PlainS3 s3, String target) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Integer>> answers = new ArrayList<>();
    try (ExecutorService racers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < RACERS; i++) {
        byte[] body = ("racer " + i).getBytes(UTF_8);
        answers.add(
            racers.submit(() -> {
              go.await();
              return s3.putIfAbsent(target, body).status();
            }));
      }
      go.countDown();
    }
    long winners = 0;
    for (Future<Integer> answer : answers) {
      winners += answer.get() == 200 ? 1 : 0;
    }
    return winners;
  }
}
