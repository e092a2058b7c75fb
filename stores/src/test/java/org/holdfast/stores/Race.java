package org.holdfast.stores;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Sixteen puts of one key at the same moment.
final class Race {
  private static final int RACERS = 16;

  private Race() {}

  /// The bodies whose puts were told that they created the object. The racers take turns with the
  /// ways to the store.
  static List<String> winners(List<S3Access> ways, String target) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Integer>> answers = new ArrayList<>();
    try (ExecutorService racers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < RACERS; i++) {
        PlainS3 s3 = new PlainS3(ways.get(i % ways.size()));
        byte[] body = ("racer " + i).getBytes(UTF_8);
        answers.add(
            racers.submit(() -> {
              go.await();
              return s3.putIfAbsent(target, body).status();
            }));
      }
      go.countDown();
    }
    List<String> winners = new ArrayList<>();
    for (int i = 0; i < RACERS; i++) {
      int status = answers.get(i).get();
      assertThat(status).isIn(200, 412, 409, 503);
      if (status == 200) {
        winners.add("racer " + i);
      }
    }
    return winners;
  }
}
