package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.core.Clock;
import org.junit.jupiter.api.Test;

final class PatienceTest {
  private final StepClock clock = new StepClock();

  @Test
  void itGoesOnUntilTheTimeIsOver() throws Exception {
    Patience patience = new Patience(clock, 10_000);
    long asked = 0;
    while (patience.pause(() -> false)) {
      asked = clock.nanos();
    }
    assertThat(asked).isEqualTo(10_000_000_000L);
  }

  @Test
  void answersThatTakeAllOfTheTimeAreNotTheLast() throws Exception {
    Patience patience = new Patience(clock, 1_000);
    int asked = 0;
    while (patience.pause(() -> false)) {
      asked++;
      clock.sleepMillis(30_000);
    }
    assertThat(asked).isEqualTo(3);
  }

  @Test
  void theLastQuestionIsAskedWhenTheTimeIsOver() throws Exception {
    Patience patience = new Patience(clock, 3_000);
    long asked = 0;
    for (int i = 0; patience.pause(() -> false); i++) {
      asked = clock.nanos();
      if (i == 3) {
        clock.sleepMillis(30_000);
      }
    }
    assertThat(asked).isGreaterThan(30_000_000_000L);
  }

  @Test
  void withoutPatienceNothingIsAskedAgain() throws Exception {
    assertThat(new Patience(clock, 0).pause(() -> false)).isFalse();
    assertThat(clock.nanos()).isZero();
  }

  /// Time passes in sleep alone.
  private static final class StepClock implements Clock {
    private long nanos;

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public long wallMillis() {
      return nanos / 1_000_000;
    }

    @Override
    public void sleepMillis(long millis) {
      nanos += millis * 1_000_000;
    }
  }
}
