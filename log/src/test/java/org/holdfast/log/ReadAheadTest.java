package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.holdfast.core.KeptThreads;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReadAheadTest {
  private static final int READS_MAX = 32;
  private static final List<Integer> ITEMS = IntStream.range(0, 3 * READS_MAX).boxed().toList();

  @Test
  void resultsComeInOrderThoughReadsRunAtOnce() throws Exception {
    CountDownLatch together = new CountDownLatch(READS_MAX);
    ReadAhead<Integer, Integer> ahead =
        new ReadAhead<>(
            ITEMS,
            ReadAhead.Bounds.of(READS_MAX),
            Spawner.virtual(),
            item -> {
              await(together);
              return item * 2;
            });
    List<Integer> results = new ArrayList<>();
    while (ahead.hasNext()) {
      results.add(ahead.next());
    }
    assertThat(results).isEqualTo(ITEMS.stream().map(item -> item * 2).toList());
  }

  /// Nobody gets past before all have come, so that one read after another would never end.
  private static void await(CountDownLatch together) {
    together.countDown();
    awaitOnly(together);
  }

  @Test
  void failureReachesWhoTakesTheResult() throws Exception {
    ReadAhead<Integer, Integer> ahead =
        new ReadAhead<>(
            ITEMS,
            ReadAhead.Bounds.of(READS_MAX),
            Spawner.virtual(),
            item -> {
              if (item == 1) {
                throw new UnavailableException("away");
              }
              if (item == 2) {
                throw new OutOfMemoryError("there is none");
              }
              if (item == 3) {
                throw new IllegalArgumentException("as it is");
              }
              return item;
            });
    assertThat(ahead.next()).isZero();
    assertThatThrownBy(ahead::next).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(ahead::next).hasCauseInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(ahead::next)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("as it is");
    assertThat(ahead.next()).isEqualTo(4);
  }

  /// Who was told of a failure has gone, and nobody takes what would be read.
  @Test
  void nothingBeginsAfterAFailureThatWasTaken() throws Exception {
    CountDownLatch taken = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    KeptThreads threads = new KeptThreads();
    ReadAhead<Integer, Integer> ahead =
        new ReadAhead<>(
            IntStream.range(0, 100).boxed().toList(),
            new ReadAhead.Bounds<>(READS_MAX, ITEMS.size(), Long.MAX_VALUE, _ -> 1),
            threads,
            item -> {
              begun.incrementAndGet();
              if (item == 0) {
                throw new UnavailableException("away");
              }
              awaitOnly(taken);
              return item;
            });
    assertThatThrownBy(ahead::next).isInstanceOf(UnavailableException.class);
    taken.countDown();
    threads.await("read");
    assertThat(begun.get())
        .as("the first one, and at most as many in its place")
        .isLessThanOrEqualTo(READS_MAX + 1);
    assertThat(ahead.next()).as("who asks all the same is answered").isEqualTo(1);
  }

  @Test
  void failureOfTheSourceTakesItsTurn() throws Exception {
    ReadAhead<Integer, Integer> first =
        new ReadAhead<>(
            ITEMS,
            ReadAhead.Bounds.of(READS_MAX),
            Spawner.virtual(),
            item -> {
              if (item == 1) {
                throw new UnavailableException("away");
              }
              return item;
            });
    ReadAhead<Integer, Integer> second =
        new ReadAhead<>(first, ReadAhead.Bounds.of(4), Spawner.virtual(), item -> 2 * item);
    assertThat(second.next()).isZero();
    assertThatThrownBy(second::next).isInstanceOf(UnavailableException.class);
    assertThat(second.next()).isEqualTo(4);
    assertThat(second.hasNext()).isTrue();
  }

  @Test
  void slowReadHoldsNoOtherUp() throws Exception {
    int kept = 3 * READS_MAX;
    CountDownLatch others = new CountDownLatch(kept - 1);
    ReadAhead<Integer, Integer> ahead =
        new ReadAhead<>(
            ITEMS,
            new ReadAhead.Bounds<>(4, kept, Long.MAX_VALUE, _ -> 1),
            Spawner.virtual(),
            item -> {
              if (item == 0) {
                awaitOnly(others);
              } else {
                others.countDown();
              }
              return item;
            });
    assertThat(ahead.next()).isZero();
  }

  @Test
  void whatIsKeptIsBoundedByBytes() throws Exception {
    AtomicInteger read = new AtomicInteger();
    CountDownLatch tenAreKept = new CountDownLatch(10);
    CountDownLatch first = new CountDownLatch(1);
    ReadAhead<Integer, Integer> ahead =
        new ReadAhead<>(
            ITEMS,
            new ReadAhead.Bounds<>(2, ITEMS.size(), 1000, _ -> 100),
            Spawner.virtual(),
            item -> {
              if (item == 0) {
                awaitOnly(first);
              } else {
                read.incrementAndGet();
                tenAreKept.countDown();
              }
              return item;
            });
    Thread taker = Thread.ofVirtual().start(() -> assertThatNoException().isThrownBy(ahead::next));
    tenAreKept.await();
    assertThat(read.get()).isEqualTo(10);
    first.countDown();
    taker.join();
    assertThat(ahead.next()).isEqualTo(1);
  }

  private static void awaitOnly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
