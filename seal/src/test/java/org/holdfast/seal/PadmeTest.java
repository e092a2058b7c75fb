package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PadmeTest {
  /// By hand from the definition: 9 is 1001, with 3 bits of exponent of which 2 count.
  @Test
  void padsToShortMantissas() {
    assertThat(Padme.pad(8)).isEqualTo(8);
    assertThat(Padme.pad(9)).isEqualTo(10);
    assertThat(Padme.pad(100)).isEqualTo(104);
    assertThat(Padme.pad(1000)).isEqualTo(1024);
    assertThat(Padme.pad(1 << 20)).isEqualTo(1 << 20);
    assertThat(Padme.pad((1 << 20) + 1)).isEqualTo((1 << 20) + (1 << 15));
  }

  @Test
  void costsLittleAndChangesNothingTheSecondTime() {
    for (int length = 2; length < 3_000_000; length += 1 + length / 300) {
      int padded = Padme.pad(length);
      assertThat(padded).isGreaterThanOrEqualTo(length);
      assertThat(padded - length).isLessThanOrEqualTo((int) (0.12 * length));
      assertThat(Padme.pad(padded)).isEqualTo(padded);
    }
  }

  @Test
  void leavesFewLengths() {
    long different =
        java.util.stream.IntStream.range(2, 1 << 20).map(Padme::pad).distinct().count();
    assertThat(different).isLessThan(500);
  }
}
