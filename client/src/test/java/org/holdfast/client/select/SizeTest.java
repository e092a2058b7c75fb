package org.holdfast.client.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.holdfast.core.RefusedException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "500, 500",
    "500B, 500",
    "64k, 65536",
    "64K, 65536",
    "64KiB, 65536",
    "64kB, 64000",
    "1.5G, 1610612736",
    "10 MB, 10000000",
    "2T, 2199023255552"
  })
  void peopleWriteItSo(String text, long bytes) throws Exception {
    assertThat(Size.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "-1", "1x", "1.k", "1e3", "1ib", "9999999999999T"})
  void elseItIsRefused(String text) {
    assertThatThrownBy(() -> Size.parse(text))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("'" + text + "'");
  }
}
