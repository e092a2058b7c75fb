package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns<String> turns = new Turns<>();

  @Test
  void clientsComeBeforeBackgroundWork() {
    turns.addBackground("freed", 10);
    turns.addClient("stored", 10);
    assertThat(take()).isEqualTo("stored");
    assertThat(turns.clientsWait()).isFalse();
    assertThat(take()).isEqualTo("freed");
    assertThat(turns.next()).isEmpty();
  }

  @Test
  void backgroundWorkHasATenthThoughClientsNeverLeaveAGap() {
    long[] taken = new long[2];
    long pieces = 0;
    for (int i = 0; i < 10_000; i++) {
      turns.addClient("client", 1000);
      if (i == 0 || taken[1] > pieces) {
        pieces = taken[1];
        turns.addBackground("background", 3000);
      }
      taken[take().equals("client") ? 0 : 1] += 1;
    }
    long share = 3000 * taken[1] * 100 / (3000 * taken[1] + 1000 * taken[0]);
    assertThat(share).isBetween(9L, 11L);
  }

  @Test
  void largePieceWaitsForNineTimesItsBytes() {
    turns.addBackground("piece", 1000);
    for (int i = 0; i < 10; i++) {
      turns.addClient("client", 999);
    }
    int before = 0;
    while (take().equals("client")) {
      before++;
    }
    assertThat(before).isEqualTo(10);
    turns.addBackground("piece", 1000);
    for (int i = 0; i < 20; i++) {
      turns.addClient("client", 1000);
    }
    before = 0;
    while (take().equals("client")) {
      before++;
    }
    assertThat(before).isEqualTo(9);
  }

  @Test
  void whatBackgroundWorkDidNotWantIsNotSavedUp() {
    for (int i = 0; i < 100; i++) {
      turns.addClient("client", 1000);
      take();
    }
    turns.addBackground("piece", 10);
    turns.addClient("client", 10);
    assertThat(take()).isEqualTo("client");
  }

  @Test
  void whoIsRemovedHasNoTurn() {
    turns.addClient("gone", 1);
    turns.addClient("here", 1);
    assertThat(turns.remove("gone"::equals)).containsExactly("gone");
    assertThat(take()).isEqualTo("here");
  }

  private String take() {
    String next = turns.next().orElseThrow();
    turns.take();
    return next;
  }
}
