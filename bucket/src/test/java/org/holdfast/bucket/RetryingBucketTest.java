package org.holdfast.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.holdfast.bucket.BucketContract.body;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

final class RetryingBucketTest {
  private final TestClock clock = new TestClock();
  private final BucketMeter meter = new BucketMeter(clock, S3Settings.Prices.DEFAULT);
  private final FaultyBucket faulty = new FaultyBucket(new MemoryBucket());
  private final Bucket bucket = retrying(faulty, 60_000);

  @Test
  void aFailureIsTriedAgainUntilItSucceeds() throws Exception {
    for (int call = 1; call <= 5; call++) {
      faulty.fail(call, Fault.BEFORE);
    }
    assertThat(bucket.putIfAbsent("k", body("x"))).isEqualTo(PutResult.CREATED);
    assertThat(faulty.calls()).isEqualTo(6);
    assertThat(meter.report().retries()).isEqualTo(5);
  }

  @Test
  void aLostAnswerShowsAsAnObjectThatExists() throws Exception {
    faulty.fail(1, Fault.AFTER);
    assertThat(bucket.putIfAbsent("k", body("x"))).isEqualTo(PutResult.EXISTS);
    assertThat(bucket.getWhole("k", 10).orElseThrow()).isEqualTo(new byte[] {'x'});
  }

  @Test
  void delaysAreDrawnBelowABoundThatDoubles() throws Exception {
    for (int call = 1; call <= 9; call++) {
      faulty.fail(call, Fault.BEFORE);
    }
    bucket.list("", "", 1);
    List<Long> sleeps = clock.sleeps();
    assertThat(sleeps).hasSize(9);
    for (int i = 0; i < sleeps.size(); i++) {
      assertThat(sleeps.get(i)).isBetween(0L, Math.min(10_000, 100L << i));
    }
    assertThat(sleeps.stream().distinct().count()).as("drawn, not fixed").isGreaterThan(4);
  }

  @Test
  void whatIsRefusedIsNotTriedAgain() {
    Bucket refusing = retrying(new Always(new RefusedException("no")), 60_000);
    assertThatThrownBy(() -> refusing.delete("k")).isInstanceOf(RefusedException.class);
    assertThat(clock.sleeps()).isEmpty();
  }

  @Test
  void aCallIsGivenUpInTime() {
    Bucket failing = retrying(new Always(new UnavailableException("it is down")), 30_000);
    assertThatThrownBy(() -> failing.getWhole("k", 1))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("it is down (")
        .hasMessageContaining("attempts in 30 s");
    assertThat(clock.wallMillis()).isBetween(30_000L, 30_001L);
    assertThat(meter.report().givenUp()).isEqualTo(1);
  }

  @Test
  void anAttemptThatUsedUpAllOfTheTimeIsNotTheOnlyOne() throws Exception {
    int[] attempts = {0};
    Bucket stuckTwice =
        new Layer(new MemoryBucket()) {
          @Override
          <T> T around(Request request, Call<T> call)
              throws CorruptException, RefusedException, UnavailableException {
            attempts[0]++;
            if (attempts[0] < 3) {
              clock.pass(70_000);
              throw new UnavailableException("it came too slowly");
            }
            return call.run();
          }
        };
    assertThat(retrying(stuckTwice, 60_000).putIfAbsent("k", body("x")))
        .isEqualTo(PutResult.CREATED);
  }

  @Test
  void anOutageIsMetWithFewRequests() {
    Always down = new Always(new UnavailableException("it is down"));
    Bucket failing = retrying(down, 1_000);
    while (clock.wallMillis() < 600_000) {
      assertThatThrownBy(() -> failing.delete("k")).isInstanceOf(UnavailableException.class);
    }
    // 600 calls of a second each; besides their first attempts the saved budget, and two a second.
    assertThat(down.calls).isBetween(600L, 600L + 100 + 2 * 600 + 600);
  }

  @Test
  void aShortOutageThatManyCallsMeetIsOverSoonForEachOfThem() {
    RetryBudget budget = new RetryBudget(clock);
    for (int retry = 0; retry < 1_500; retry++) {
      assertThat(budget.takeMillis()).isLessThanOrEqualTo(10_000);
    }
    clock.pass(10_500);
    assertThat(budget.takeMillis()).as("nothing is owed any more").isZero();
  }

  @Test
  void aCallWithoutRetriesFailsAtOnce() {
    Bucket failing = retrying(new Always(new UnavailableException("it is down")), 0);
    assertThatThrownBy(() -> failing.delete("k")).hasMessage("it is down");
    assertThat(clock.sleeps()).isEmpty();
  }

  private Bucket retrying(Bucket inner, long millis) {
    return new RetryingBucket(inner, millis, meter, clock, new SecureRandom());
  }

  /// A store that has one answer.
  private static final class Always implements Bucket {
    private final Exception answer;
    private long calls;

    Always(Exception answer) {
      this.answer = answer;
    }

    private <T> T answer() throws RefusedException, UnavailableException {
      calls++;
      if (answer instanceof RefusedException refused) {
        throw refused;
      }
      throw (UnavailableException) answer;
    }

    @Override
    public Optional<Range> get(String key, long offset, int length)
        throws RefusedException, UnavailableException {
      return answer();
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body)
        throws RefusedException, UnavailableException {
      return answer();
    }

    @Override
    public void delete(String key) throws RefusedException, UnavailableException {
      answer();
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit)
        throws RefusedException, UnavailableException {
      return answer();
    }
  }
}
