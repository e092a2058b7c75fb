package org.holdfast.stores;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.holdfast.core.InvariantException;
import org.junit.jupiter.api.Test;

final class WeatherTest {
  private static final int REQUESTS = 100_000;

  @Test
  void latencyHasItsMedianAndItsTail() {
    Weather weather = Weather.CALM.withLatency(80, 1000);
    double[] millis =
        LongStream.range(0, REQUESTS).mapToDouble(n -> weather.fate(n).latencyMillis()).toArray();
    Arrays.sort(millis);
    assertThat(millis[REQUESTS / 2]).isCloseTo(80, within(2.0));
    assertThat(millis[REQUESTS / 100 * 99]).isCloseTo(1000, within(60.0));
  }

  @Test
  void faultsHaveTheirShares() {
    Weather weather = Weather.CALM.with(Fault.RESET, 0.1).with(Fault.LOST_ANSWER, 0.01);
    assertThat(share(weather, Fault.RESET)).isCloseTo(0.1, within(0.005));
    assertThat(share(weather, Fault.LOST_ANSWER)).isCloseTo(0.01, within(0.002));
    assertThat(share(weather, Fault.SLOW_DOWN)).isZero();
  }

  private static double share(Weather weather, Fault fault) {
    long hit =
        LongStream.range(0, REQUESTS)
            .filter(n -> weather.fate(n).fault().filter(fault::equals).isPresent())
            .count();
    return (double) hit / REQUESTS;
  }

  @Test
  void theSeedDecides() {
    Weather weather = Weather.CALM.withLatency(80, 1000).with(Fault.RESET, 0.5);
    assertThat(fates(weather)).isEqualTo(fates(weather.withSeed(1)));
    assertThat(fates(weather)).isNotEqualTo(fates(weather.withSeed(2)));
  }

  private static List<Weather.Fate> fates(Weather weather) {
    return LongStream.range(0, 100).mapToObj(weather::fate).toList();
  }

  @Test
  void stormsComeAndGo() {
    Weather.Storm storm = new Weather.Storm(1000, 300, 2000);
    assertThat(storm.rages(999)).isFalse();
    assertThat(storm.rages(1000)).isTrue();
    assertThat(storm.rages(1300)).isFalse();
    assertThat(storm.rages(3100)).isTrue();
    assertThat(new Weather.Storm(1000, 300, 0).rages(3100)).isFalse();
  }

  @Test
  void sharesAboveOneAreRefused() {
    Weather weather = Weather.CALM.with(Fault.RESET, 0.6);
    assertThatThrownBy(() -> weather.with(Fault.CUT, 0.6)).isInstanceOf(InvariantException.class);
    assertThatThrownBy(() -> weather.with(Fault.STORM, 0.1)).isInstanceOf(InvariantException.class);
  }
}
