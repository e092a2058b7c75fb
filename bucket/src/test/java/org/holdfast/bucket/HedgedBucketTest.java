package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.bucket.BucketContract.body;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.SystemClock;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class HedgedBucketTest {
  private final MemoryBucket memory = new MemoryBucket();
  private final CountDownLatch stuck = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();
  private final SystemClock clock = new SystemClock();
  private final BucketMeter meter = new BucketMeter(clock, S3Settings.Prices.DEFAULT);
  private volatile Behaviour behaviour = _ -> {};
  private final Bucket bucket =
      new HedgedBucket(new Slow(memory), meter, clock, Spawner.virtual(), Hedging.USUAL);

  private interface Behaviour {
    void before(int call) throws UnavailableException, InterruptedException;
  }

  @BeforeEach
  void warmUp() throws Exception {
    memory.putIfAbsent("k", body("x"));
    for (int i = 0; i < 200; i++) {
      bucket.getWhole("k", 10);
    }
    calls.set(0);
  }

  @Test
  void whatIsSlowIsAskedASecondTime() throws Exception {
    behaviour =
        call -> {
          if (call == 1) {
            stuck.await();
          }
        };
    assertThat(bucket.getWhole("k", 10)).isPresent();
    assertThat(calls.get()).isEqualTo(2);
    assertThat(meter.report().hedges()).isGreaterThanOrEqualTo(1);
    stuck.countDown();
  }

  @Test
  void aFailureOfBothIsTold() {
    CountDownLatch both = new CountDownLatch(2);
    behaviour =
        _ -> {
          both.countDown();
          both.await();
          throw new UnavailableException("down");
        };
    assertThatThrownBy(() -> bucket.getWhole("k", 10)).hasMessage("down");
    assertThat(calls.get()).isEqualTo(2);
  }

  @Test
  void aFailureOfTheFirstDoesNotHideTheSecond() throws Exception {
    CountDownLatch second = new CountDownLatch(1);
    behaviour =
        call -> {
          if (call == 1) {
            second.await();
            throw new UnavailableException("down");
          }
          second.countDown();
        };
    assertThat(bucket.getWhole("k", 10)).isPresent();
  }

  @Test
  void aQuickFailureIsNotAskedAgain() {
    behaviour =
        _ -> {
          throw new UnavailableException("down");
        };
    assertThatThrownBy(() -> bucket.getWhole("k", 10)).hasMessage("down");
    assertThat(calls.get()).isEqualTo(1);
  }

  @Test
  void howeverSlowTheStoreIsOneGetInTwentyIsAskedTwice() throws Exception {
    behaviour = _ -> clock.sleepMillis(20);
    long before = meter.report().hedges();
    int gets = 100;
    for (int i = 0; i < gets; i++) {
      bucket.getWhole("k", 10);
    }
    // What was saved while all was well, and a twentieth of these.
    assertThat(meter.report().hedges() - before).isBetween(1L, 10L + gets / 20);
  }

  @Test
  void putsAreNeverSentTwice() throws Exception {
    behaviour = _ -> clock.sleepMillis(20);
    for (int i = 0; i < 20; i++) {
      assertThat(bucket.putIfAbsent("put-" + i, body("x"))).isEqualTo(PutResult.CREATED);
    }
    assertThat(calls.get()).isEqualTo(20);
  }

  private final class Slow extends Layer {
    Slow(Bucket inner) {
      super(inner);
    }

    @Override
    <T> T around(Request request, Call<T> call)
        throws CorruptException, RefusedException, UnavailableException {
      try {
        behaviour.before(calls.incrementAndGet());
      } catch (InterruptedException e) {
        throw new UnavailableException("interrupted", e);
      }
      return call.run();
    }
  }
}
