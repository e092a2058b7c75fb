package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ShareTest {
  private final Credit budget = new Credit(100);
  private final Share one = new Share(budget, 25);
  private final Share other = new Share(budget, 80);

  @Test
  void aSessionHoldsItsShareAndNoMore() throws Exception {
    assertThat(one.take(20, () -> true)).isTrue();
    assertThat(one.tryTake(6)).isFalse();
    assertThat(one.take(6, () -> true)).isFalse();
    assertThat(budget.availableBytes()).isEqualTo(80);
    one.give(20);
    assertThat(one.tryTake(25)).isTrue();
    assertThat(budget.availableBytes()).isEqualTo(75);
  }

  @Test
  void whatTheBudgetDoesNotHaveLeavesTheShareWhole() throws Exception {
    assertThat(other.tryTake(80)).isTrue();
    assertThat(one.tryTake(21)).isFalse();
    assertThat(one.take(21, () -> true)).isFalse();
    other.give(80);
    assertThat(one.tryTake(25)).isTrue();
  }
}
