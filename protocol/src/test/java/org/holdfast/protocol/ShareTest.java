package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.holdfast.core.HoldfastException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ShareTest {
  private final Share all = new Share(100);
  private final Share account = all.part(50);
  private final Share machine = account.part(25);
  private final Share other = all.part(80);

  @Test
  void aPartHoldsSoMuchAndNoMore() throws Exception {
    assertThat(machine.take(20, () -> true)).isTrue();
    assertThat(machine.tryTake(6)).isFalse();
    assertThat(machine.take(6, () -> true)).isFalse();
    assertThat(all.availableBytes()).isEqualTo(80);
    machine.give(20);
    assertThat(machine.tryTake(25)).isTrue();
    assertThat(account.availableBytes()).isEqualTo(25);
    assertThat(all.availableBytes()).isEqualTo(75);
    machine.give(25);
    assertThat(machine.isUnused() && account.isUnused() && all.isUnused()).isTrue();
  }

  @Test
  void partsOfOnePartHoldNoMoreThanItTogether() throws Exception {
    Share sibling = account.part(40);
    assertThat(sibling.tryTake(40)).isTrue();
    assertThat(machine.tryTake(11)).isFalse();
    assertThat(machine.take(11, () -> true)).isFalse();
    assertThat(machine.tryTake(10)).isTrue();
    assertThat(all.availableBytes()).isEqualTo(50);
  }

  @Test
  void whatTheWholeDoesNotHaveLeavesThePartsFull() throws Exception {
    assertThat(other.tryTake(80)).isTrue();
    assertThat(machine.tryTake(21)).isFalse();
    assertThat(machine.take(21, () -> true)).isFalse();
    assertThat(machine.isUnused() && account.isUnused()).isTrue();
    other.give(80);
    assertThat(machine.tryTake(25)).isTrue();
  }

  @Test
  void whoWaitsForAPartKeepsNobodyFromTheWhole() throws Exception {
    assertThat(machine.take(25, () -> true)).isTrue();
    Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              try {
                machine.take(25, () -> false);
              } catch (HoldfastException e) {
                throw new AssertionError(e);
              }
            });
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(other.tryTake(75)).isTrue();
    machine.give(25);
    waiting.join();
    assertThat(all.availableBytes()).isZero();
  }
}
