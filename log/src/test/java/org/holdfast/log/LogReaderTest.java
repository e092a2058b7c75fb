package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class LogReaderTest {
  private final MemoryBucket bucket = new MemoryBucket();
  private final LogReader reader =
      new LogReader(bucket, Samples.KEY, Samples.SERVICE, Spawner.virtual(), Samples.CLOCK, 0);

  @Test
  void aListingBeyondOnePageIsComplete() throws Exception {
    NavigableMap<SegmentId, Long> put = new TreeMap<>();
    for (int i = 1; i <= 2 * Bucket.MAX_LISTED; i++) {
      SegmentId id = new SegmentId(0, 1 + i % 3, i);
      bucket.putIfAbsent(id.key(), List.of());
      put.put(id, 0L);
      bucket.putIfAbsent(new SegmentId(1, 1, i).key(), List.of());
    }
    assertThat(reader.list(0)).isEqualTo(put);
  }

  /// Nobody gets past before so many have come: pages that are asked for one after the other would
  /// never come to an end.
  @Test
  @Timeout(60)
  void aLongLogIsListedInManyPartsAtOnce() throws Exception {
    for (int i = 1; i <= 2 * Bucket.MAX_LISTED; i++) {
      bucket.putIfAbsent(new SegmentId(0, 1, i).key(), List.of());
    }
    AtomicInteger calls = new AtomicInteger();
    CountDownLatch together = new CountDownLatch(64);
    HookedBucket hooked =
        new HookedBucket(
            bucket,
            _ -> {
              // The first one finds that there is more than a page.
              if (calls.getAndIncrement() > 0) {
                together.countDown();
                await(together);
              }
            });
    LogReader parallel =
        new LogReader(hooked, Samples.KEY, Samples.SERVICE, Spawner.virtual(), Samples.CLOCK, 0);
    assertThat(parallel.list(0)).hasSize(2 * Bucket.MAX_LISTED);
    assertThat(calls.get()).isEqualTo(1 + 256);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void neighboursInTheOrderOfListingsAreFarApart() {
    assertThat(SegmentId.keyPrefixes().subList(0, 16))
        .extracting(prefix -> prefix.charAt(4))
        .doesNotHaveDuplicates();
  }

  @Test
  void whetherALogIsLongIsKnownBeforeAllOfItIsListed() throws Exception {
    int count = Bucket.MAX_LISTED;
    for (int i = 1; i <= count; i++) {
      bucket.putIfAbsent(new SegmentId(0, 1, i).key(), List.of());
      bucket.putIfAbsent(new SegmentId(1, 1, i).key(), List.of());
    }
    AtomicInteger pages = new AtomicInteger();
    Bucket counted = new HookedBucket(bucket, _ -> pages.incrementAndGet());
    LogReader some =
        new LogReader(counted, Samples.KEY, Samples.SERVICE, Spawner.virtual(), Samples.CLOCK, 0);
    assertThat(some.hasAtLeast(0, count / 4)).isTrue();
    assertThat(pages).hasValue(1);
    assertThat(reader.hasAtLeast(0, count)).isTrue();
    assertThat(reader.hasAtLeast(0, count + 1)).isFalse();
    assertThat(reader.hasAtLeast(2, 1)).isFalse();
  }

  @Test
  void keyPrefixesAreAllHashesOnce() {
    assertThat(SegmentId.keyPrefixes()).hasSize(256).doesNotHaveDuplicates();
    for (int number = 1; number < 1_000; number++) {
      String key = new SegmentId(0, 1, number).key();
      assertThat(SegmentId.keyPrefixes()).anyMatch(key::startsWith);
    }
  }
}
