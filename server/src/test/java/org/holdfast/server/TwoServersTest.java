package org.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.bucket.MemoryBucket;
import org.junit.jupiter.api.Test;

class TwoServersTest {
  private static final int RUNS = 1000;

  @Test
  void noAcknowledgedWriteIsLostOrContradicted() throws Exception {
    Pauses pauses = new Pauses();
    int acknowledged = 0;
    int fenced = 0;
    long from = Long.getLong("from", 0);
    long began = System.nanoTime();
    for (long seed = from; seed < from + Integer.getInteger("runs", RUNS); seed++) {
      Contest contest = new Contest(seed, Ground.of(new MemoryBucket()), null, pauses);
      try {
        contest.run();
      } catch (Throwable e) {
        java.util.List<String> t = contest.trace();
        throw new AssertionError(
            "seed "
                + seed
                + ":\n"
                + String.join("\n", t.subList(Math.max(0, t.size() - 200), t.size())),
            e);
      }
      acknowledged += contest.acknowledged();
      fenced += contest.fenced();
    }
    System.out.println(
        pauses
            + " ack "
            + acknowledged
            + " fenced "
            + fenced
            + " ms "
            + (System.nanoTime() - began) / 1000000);
    assertThat(acknowledged).isPositive();
  }
}
