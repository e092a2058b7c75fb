package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.core.RefusedException;
import org.holdfast.server.TestClock;
import org.junit.jupiter.api.Test;

final class DiskWatchTest {
  private static final long MIB = 1 << 20;

  private final TestClock clock = new TestClock();
  private long freeMib = 1000;
  private boolean isBroken;
  private int shortages;
  private final DiskWatch watch =
      new DiskWatch(
          this::read, new DiskWatch.Marks(100 * MIB, 300 * MIB), clock, () -> shortages++);

  private long read() throws RefusedException {
    if (isBroken) {
      throw new RefusedException("the folder is away");
    }
    return freeMib * MIB;
  }

  @Test
  void backgroundWorkStopsFirstThenBackups() {
    see(300);
    assertThat(watch.backgroundObstacle()).isEmpty();
    see(299);
    assertThat(watch.backgroundObstacle())
        .hasValueSatisfying(why -> assertThat(why).contains("299 MiB free"));
    assertThat(watch.obstacle()).isEmpty();
    see(100);
    assertThat(watch.obstacle()).isEmpty();
    see(99);
    assertThat(watch.obstacle())
        .hasValueSatisfying(why ->
            assertThat(why).contains("backups are stopped, restores go on", "99 MiB", "make room"));
    assertThat(shortages).isEqualTo(1);
  }

  @Test
  void backupsGoOnOnlyAboveTheHighMark() {
    see(99);
    see(299);
    assertThat(watch.obstacle()).isPresent();
    see(300);
    assertThat(watch.obstacle()).isEmpty();
    see(101);
    assertThat(watch.obstacle()).isEmpty();
    see(50);
    see(40);
    assertThat(shortages).isEqualTo(2);
  }

  @Test
  void readingThatFailsChangesNothing() {
    see(99);
    isBroken = true;
    watch.look();
    assertThat(watch.obstacle()).isPresent();
  }

  @Test
  void trendSaysWhenBackupsWillStop() throws Exception {
    see(1000);
    assertThat(watch.report().hoursLeft()).isEmpty();
    for (int hour = 1; hour <= 48; hour++) {
      clock.sleepMillis(3_600_000);
      see(1000 - 10 * hour);
    }
    assertThat(watch.report().hoursLeft()).contains(42L);
    clock.sleepMillis(3_600_000);
    see(2000);
    assertThat(watch.report().hoursLeft()).isEmpty();
  }

  private void see(long mib) {
    freeMib = mib;
    watch.look();
  }
}
