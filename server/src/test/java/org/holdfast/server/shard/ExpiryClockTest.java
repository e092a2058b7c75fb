package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalLong;
import org.holdfast.server.TestClock;
import org.junit.jupiter.api.Test;

final class ExpiryClockTest {
  private static final long HOUR = 3_600_000;
  private static final long YEAR = 365 * 24 * HOUR;

  private final TestClock clock = new TestClock();
  private final ExpiryClock expiry = new ExpiryClock(clock);

  @Test
  void nothingEndsInTheFirstHour() throws Exception {
    expiry.settle(HOUR);
    assertThat(expiry.now()).isEmpty();
    clock.sleepMillis(HOUR - 1);
    assertThat(expiry.now()).isEmpty();
    assertThat(expiry.held()).isEqualTo(new ExpiryClock.Held(1, 0));
    clock.sleepMillis(1);
    assertThat(expiry.now()).isEqualTo(OptionalLong.of(clock.wallMillis()));
    assertThat(expiry.held()).isEqualTo(new ExpiryClock.Held(0, 0));
  }

  @Test
  void nothingEndsForADayAfterAJumpOfYears() throws Exception {
    expiry.settle(HOUR);
    clock.sleepMillis(2 * HOUR);
    clock.jump(10 * YEAR);
    assertThat(expiry.held()).isEqualTo(new ExpiryClock.Held(24 * HOUR, 10 * YEAR));
    clock.sleepMillis(24 * HOUR - 1);
    assertThat(expiry.now()).isEmpty();
    clock.sleepMillis(1);
    assertThat(expiry.now()).isEqualTo(OptionalLong.of(clock.wallMillis()));
  }

  @Test
  void nothingEndsForAnHourAfterASmallerJump() throws Exception {
    expiry.settle(HOUR);
    clock.sleepMillis(2 * HOUR);
    clock.jump(ExpiryClock.JUMP_MILLIS);
    assertThat(expiry.now()).as("the network moves a clock so").isPresent();
    clock.jump(ExpiryClock.JUMP_MILLIS + 1);
    assertThat(expiry.now()).isEmpty();
    clock.sleepMillis(HOUR);
    assertThat(expiry.now()).isPresent();
    clock.jump(-YEAR);
    assertThat(expiry.now()).as("back is no danger").isPresent();
  }

  @Test
  void startLongAfterTheLogsEndIsAJump() throws Exception {
    long end = clock.wallMillis() - ExpiryClock.LONG_JUMP_MILLIS;
    expiry.compare(() -> Optional.of(end));
    assertThat(expiry.now()).isPresent();
    expiry.compare(() -> Optional.of(end - 1));
    assertThat(expiry.now()).isEmpty();
    assertThat(expiry.held().jumpMillis()).isEqualTo(ExpiryClock.LONG_JUMP_MILLIS + 1);
    clock.sleepMillis(ExpiryClock.LONG_HOLD_MILLIS);
    assertThat(expiry.now()).isPresent();
  }
}
