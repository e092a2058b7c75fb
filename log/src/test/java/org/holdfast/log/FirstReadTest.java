package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FirstReadTest {
  private static final int MOST = 64 << 10;

  private final FirstRead first = new FirstRead(MOST);

  @Test
  void asksForAsMuchAsHeadersAreLong() {
    assertThat(first.length()).isEqualTo(MOST);
    see(200, 5_000);
    assertThat(first.length()).isEqualTo(8 << 10);
    see(200, 500);
    assertThat(first.length()).isEqualTo(4 << 10);
  }

  @Test
  void aLongerHeaderIsAwaitedForAWhile() {
    see(200, 500);
    see(1, 30_000);
    assertThat(first.length()).isBetween(30_000, 40_000);
    see(5, 500);
    assertThat(first.length()).isGreaterThan(20_000);
    see(200, 500);
    assertThat(first.length()).isEqualTo(4 << 10);
  }

  @Test
  void neverAsksForMoreThanTheMost() {
    see(3, 8 << 20);
    assertThat(first.length()).isEqualTo(MOST);
  }

  private void see(int count, int headerLength) {
    for (int i = 0; i < count; i++) {
      first.saw(headerLength);
    }
  }
}
