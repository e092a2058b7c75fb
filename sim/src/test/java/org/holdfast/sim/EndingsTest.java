package org.holdfast.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class EndingsTest {
  private static final long LONG_NANOS = 100 * Endings.FAIR_NANOS;

  private final Chance chance = new Chance(1);
  private final Loop loop = new Loop(chance, new Trace(null));
  private final Endings endings =
      new Endings(
          loop, new SimStore(loop), new Weather(loop), Setting.draw(chance.stream("setting")));
  private final SimProcess process = new SimProcess("server1", loop, chance);

  private void hang(Function<SimProcess, Endings.Work> begin) {
    process
        .spawner()
        .spawn(
            "main",
            () -> {
              try (Endings.Work _ = begin.apply(process)) {
                while (true) {
                  LockSupport.park();
                }
              }
            });
  }

  @Test
  void whoeverHangsIsToldOfWithThePlace() {
    hang(server -> endings.begin(server, "stops"));
    assertThatThrownBy(() -> loop.run(() -> false, 1_000, LONG_NANOS))
        .isInstanceOf(Violation.class)
        .hasMessageContaining("server1 hangs, and stops: for 600 s, and waits at ")
        .hasMessageContaining("EndingsTest.lambda$hang");
  }

  @Test
  void whatIsTriedUntilTheWeatherIsFairHasTimeFromThenOn() throws Exception {
    endings.bad();
    hang(server -> endings.beginUntilFair(server, "stops"));
    long fairNanos = 10 * Endings.FAIR_NANOS;
    loop.at(fairNanos, endings::fair);
    loop.run(() -> loop.nowNanos() >= fairNanos, 1_000, LONG_NANOS);
    assertThatThrownBy(() -> loop.run(() -> false, 1_000, LONG_NANOS))
        .hasMessageContaining("hangs");
    assertThat(loop.nowNanos()).isEqualTo(fairNanos + Endings.FAIR_NANOS);
  }

  @Test
  void whoSleepsDoesNotHang() throws Exception {
    hang(server -> endings.begin(server, "stops"));
    loop.at(1, process::pause);
    loop.at(10 * Endings.FAIR_NANOS, process::resume);
    loop.run(() -> loop.nowNanos() >= 10 * Endings.FAIR_NANOS, 1_000, LONG_NANOS);
    assertThatThrownBy(() -> loop.run(() -> false, 1_000, LONG_NANOS))
        .hasMessageContaining("hangs");
    assertThat(loop.nowNanos()).isGreaterThanOrEqualTo(11 * Endings.FAIR_NANOS);
  }

  @Test
  void theDeadHaveNothingToEnd() throws Exception {
    hang(server -> endings.begin(server, "stops"));
    loop.at(1, process::kill);
    long endNanos = 10 * Endings.FAIR_NANOS;
    loop.at(endNanos, () -> {});
    loop.run(() -> loop.nowNanos() >= endNanos, 1_000, LONG_NANOS);
    assertThat(endings.areOldOver()).isTrue();
  }
}
