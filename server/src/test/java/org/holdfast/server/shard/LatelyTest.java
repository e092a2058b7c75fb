package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.server.TestClock;
import org.junit.jupiter.api.Test;

final class LatelyTest {
  private static final long MINUTE_MILLIS = 60_000;

  private final TestClock clock = new TestClock();
  private final Lately lately = new Lately(clock, 60);

  @Test
  void paceIsThatSinceTheStartWhileTheStartIsNotLongAgo() throws Exception {
    clock.sleepMillis(14 * MINUTE_MILLIS);
    lately.add(85_600_000);
    assertThat(lately.hourly()).isEqualTo(366_857_143L);
    clock.sleepMillis(16 * MINUTE_MILLIS);
    assertThat(lately.hourly()).isEqualTo(85_600_000L * 2);
  }

  @Test
  void firstMinuteCountsAsAWholeOne() throws Exception {
    clock.sleepMillis(10);
    lately.add(1000);
    assertThat(lately.hourly()).isEqualTo(60_000);
  }

  @Test
  void paceIsThatOfTheLastHourHoweverLongItWasFasterBefore() throws Exception {
    for (int i = 0; i < 10 * 60; i++) {
      lately.add(1_000_000);
      clock.sleepMillis(MINUTE_MILLIS);
    }
    for (int i = 0; i < 60; i++) {
      lately.add(1000);
      clock.sleepMillis(MINUTE_MILLIS);
    }
    assertThat(lately.hourly()).isEqualTo(60_000);
    clock.sleepMillis(1000 * MINUTE_MILLIS);
    assertThat(lately.sum()).isZero();
    assertThat(lately.hourly()).isZero();
  }
}
