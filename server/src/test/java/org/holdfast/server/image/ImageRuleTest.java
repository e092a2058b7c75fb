package org.holdfast.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.holdfast.server.image.ImageRule.Made;
import org.junit.jupiter.api.Test;

class ImageRuleTest {
  private static final long DAY = 86_400_000;
  private static final long THEN = 1000 * DAY;

  private final ImageRule rule = new ImageRule(DAY);

  private boolean isDue(long grown, long afterMillis) {
    return rule.isDue(Optional.of(new Made(10_000, THEN)), 10_000 + grown, THEN + afterMillis);
  }

  @Test
  void theFirstIsDueAtOnce() {
    assertThat(rule.isDue(Optional.empty(), 1, THEN)).isTrue();
  }

  @Test
  void anotherIsDueAfterADayIfTheLogHasGrownByAHundredth() {
    assertThat(isDue(100, DAY)).isTrue();
    assertThat(isDue(99, DAY)).isFalse();
    assertThat(isDue(999, DAY - 1)).isFalse();
  }

  @Test
  void anotherIsDueAtOnceIfTheLogHasGrownByATenth() {
    assertThat(isDue(1000, 1)).isTrue();
  }

  @Test
  void anImageThatHoldsCleaningUpNoMoreIsFollowedByAnotherIfTheLogHasGrownAtAll() {
    assertThat(rule.holds(new Made(1, THEN), THEN + 8 * DAY)).isTrue();
    assertThat(rule.holds(new Made(1, THEN), THEN + 8 * DAY + 1)).isFalse();
    assertThat(isDue(1, 8 * DAY)).isFalse();
    assertThat(isDue(1, 8 * DAY + 1)).isTrue();
    assertThat(isDue(0, 9 * DAY)).isFalse();
  }

  @Test
  void aClockThatWasSetBackPutsNothingOff() {
    assertThat(isDue(100, -DAY)).isTrue();
    assertThat(isDue(1, -DAY)).isFalse();
  }
}
