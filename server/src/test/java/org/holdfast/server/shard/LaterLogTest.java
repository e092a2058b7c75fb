package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.AccountId;
import org.holdfast.core.Bytes;
import org.holdfast.core.Clock;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.ServiceId;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogKey;
import org.holdfast.log.LogReader;
import org.holdfast.log.LogRecord;
import org.holdfast.log.SegmentId;
import org.holdfast.server.Service;
import org.holdfast.server.index.RocksIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LaterLogTest {
  private static final Spawner SPAWNER = Spawner.virtual();
  private static final LogKey KEY = new LogKey(Bytes.wrap(new byte[LogKey.LENGTH]));
  private static final ServiceId SERVICE = ServiceId.of(new byte[ServiceId.LENGTH]);
  private static final SegmentId FIRST = SegmentId.first(0, 2);

  @TempDir Path folder;
  private final SecureRandom random = new SecureRandom();
  private final CountingBucket bucket = new CountingBucket();
  private final SetClock clock = new SetClock();
  private final LogReader reader = new LogReader(bucket, KEY, SERVICE, SPAWNER, clock, 0);

  @Test
  void whatWasFoundOutIsNotAskedForAgain() throws Exception {
    try (Service owner = Service.own(terms(), folder, ShardStart.Listener.NONE, _ -> {})) {
      for (int i = 0; i < 12; i++) {
        AccountId account = AccountId.random(random);
        owner.shard().write(_ -> List.of(new LogRecord.AccountOpened(account, "a")));
      }
      LaterLog later = new LaterLog(0, reader, SPAWNER, clock, Optional.empty());
      assertLists(1, () -> later.checkNotRetired(FIRST, false));
      assertLists(1, () -> later.checkNotRetired(FIRST, false));
      assertLists(0, () -> later.checkNotRetired(FIRST, true));
      assertLists(1, () -> later.checkNotRetired(FIRST.next(), true));
      assertThat(owner.shard().cleaner().orElseThrow().clean(FIRST)).isTrue();
      assertLists(0, () -> later.checkNotRetired(FIRST, true));
      assertLists(1, () -> assertRetired(later, false));
      assertLists(0, () -> assertRetired(later, false));
      String middle = FIRST.next().next().key();
      assertThat(Collections.frequency(bucket.got, middle)).as("headers read").isEqualTo(1);
    }
  }

  private void assertLists(int times, Call call) throws HoldfastException {
    int before = bucket.lists.get();
    call.run();
    assertThat(bucket.lists.get()).isEqualTo(before + times);
  }

  private static void assertRetired(LaterLog later, boolean isKnownDamaged) {
    assertThatThrownBy(() -> later.checkNotRetired(FIRST, isKnownDamaged))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("were moved");
  }

  private Service.Terms terms() {
    return new Service.Terms(
        SERVICE, KEY, bucket.inner, new SetClock(), SPAWNER, random, 0, 0, RocksIndex::open);
  }

  private interface Call {
    void run() throws HoldfastException;
  }

  /// Does not go on by itself.
  private static final class SetClock implements Clock {
    private final AtomicLong nanos = new AtomicLong(1);

    @Override
    public long wallMillis() {
      return nanos.get() / 1_000_000;
    }

    @Override
    public long nanos() {
      return nanos.get();
    }

    @Override
    public void sleepMillis(long millis) {
      nanos.addAndGet(millis * 1_000_000);
    }
  }

  private static final class CountingBucket implements Bucket {
    private final MemoryBucket inner = new MemoryBucket();
    private final AtomicInteger lists = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> got = new ConcurrentLinkedQueue<>();

    @Override
    public Optional<Range> get(String key, long offset, int length)
        throws RefusedException, UnavailableException {
      got.add(key);
      return inner.get(key, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String key, List<ByteBuffer> body) throws RefusedException {
      return inner.putIfAbsent(key, body);
    }

    @Override
    public void delete(String key) {
      inner.delete(key);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit) {
      lists.incrementAndGet();
      return inner.list(prefix, startAfter, limit);
    }
  }
}
