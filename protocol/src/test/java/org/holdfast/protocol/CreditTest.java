package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.CorruptException;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class CreditTest {
  @Test
  void whatIsTakenMustBeGivenBackBeforeItIsTakenAgain() throws Exception {
    Credit credit = new Credit(10);
    credit.take(7);
    assertThat(credit.tryTake(4)).isFalse();
    assertThat(credit.tryTake(3)).isTrue();
    CompletableFuture<Void> waiting = ConnectionContract.start(() -> credit.take(10));
    credit.give(7);
    assertThat(waiting).isNotDone();
    credit.give(3);
    waiting.get();
    assertThat(credit.availableBytes()).isZero();
  }

  @Test
  void aLargeOneIsNotOvertakenBySmallOnes() throws Exception {
    Credit credit = new Credit(10);
    credit.take(5);
    AtomicInteger large = new AtomicInteger();
    CompletableFuture<Void> first =
        ConnectionContract.start(() -> {
          credit.take(10);
          large.set(1);
        });
    while (credit.tryTake(1)) {
      credit.give(1);
      Thread.onSpinWait();
    }
    ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
    CompletableFuture<Void> second =
        ConnectionContract.start(() -> {
          credit.take(1);
          seen.add(large.get());
        });
    assertThat(second).isNotDone();
    credit.give(5);
    first.get();
    credit.give(10);
    second.get();
    assertThat(seen).containsExactly(1);
  }

  @Test
  void moreThanWasTakenCannotBeGiven() throws Exception {
    Credit credit = new Credit(10);
    credit.take(4);
    assertThatThrownBy(() -> credit.give(5)).isInstanceOf(CorruptException.class);
    assertThatThrownBy(() -> credit.give(-1)).isInstanceOf(CorruptException.class);
    credit.give(4);
    assertThat(credit.availableBytes()).isEqualTo(10);
  }

  @Test
  void aFailureReachesEveryoneWhoWaitsAndEveryoneLater() throws Exception {
    Credit credit = new Credit(1);
    credit.take(1);
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waiting.add(ConnectionContract.start(() -> credit.take(1)));
    }
    credit.fail(new UnavailableException("gone"));
    credit.fail(new UnavailableException("gone again"));
    waiting.forEach(ConnectionContract::assertUnavailable);
    assertThatThrownBy(() -> credit.take(0)).hasMessage("gone");
    assertThat(credit.tryTake(0)).isFalse();
  }
}
