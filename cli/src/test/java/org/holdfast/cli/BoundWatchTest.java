package org.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class BoundWatchTest {
  private static final long SECOND = 1_000_000_000;

  private final BoundWatch watch = new BoundWatch(2);

  @Test
  void whatIsBusyOrWaitedForIsNamed() {
    watch.now(100 * SECOND, 7 * SECOND, 0);
    assertThat(watch.now(101 * SECOND, 9 * SECOND, SECOND)).isEqualTo(Bound.PROCESSOR);
    assertThat(watch.now(102 * SECOND, 10 * SECOND, 2 * SECOND)).isEqualTo(Bound.BUCKET);
    assertThat(watch.now(103 * SECOND, 11 * SECOND, 2 * SECOND)).isEqualTo(Bound.DISK);
    assertThat(watch.now(103 * SECOND, 11 * SECOND, 2 * SECOND))
        .as("no time")
        .isEqualTo(Bound.DISK);
  }
}
