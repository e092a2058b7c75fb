package org.holdfast.client.backup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SealedArraysTest {
  @Test
  void anArrayIsUsedAgainWhereItsBytesAreNot() {
    SealedArrays arrays = new SealedArrays(false);
    byte[] first = arrays.take(100_000);
    assertThat(first.length).isGreaterThanOrEqualTo(100_000);
    assertThat(arrays.take(1)).isNotSameAs(first);
    arrays.giveBack(first);
    assertThat(arrays.take(first.length + 1)).isNotSameAs(first);
    assertThat(arrays.take(first.length)).isSameAs(first);
  }

  @Test
  void anArrayWhoseBytesAreUsedAfterwardsIsNot() {
    SealedArrays arrays = new SealedArrays(true);
    byte[] first = arrays.take(1000);
    assertThat(first).hasSize(1000);
    arrays.giveBack(first);
    assertThat(arrays.take(1000)).isNotSameAs(first);
  }

  @Test
  void fewAreKept() {
    SealedArrays arrays = new SealedArrays(false);
    byte[] first = arrays.take(5 << 20);
    arrays.giveBack(first);
    arrays.giveBack(arrays.take(6 << 20));
    assertThat(arrays.take(5 << 20)).isNotSameAs(first);
  }
}
