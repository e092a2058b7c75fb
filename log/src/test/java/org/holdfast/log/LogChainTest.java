package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.Listing;
import org.holdfast.bucket.MemoryBucket;
import org.holdfast.bucket.PutResult;
import org.holdfast.bucket.Range;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.Spawner;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

class LogChainTest {
  private final MemoryBucket bucket = new MemoryBucket();
  private final Log log = new Log(bucket);

  @Test
  void nothingCountsInAnEmptyBucket() throws Exception {
    assertThat(log.chain().lastEpoch()).isZero();
    assertThat(log.counted()).isEmpty();
    assertThat(log.chain().reaches(Log.id(1, 1))).isFalse();
  }

  @Test
  void epochEndsAtItsFirstGap() throws Exception {
    log.put(1, 1, 0).put(1, 2, 0).put(1, 4, 1).put(1, 5, 2);
    assertThat(log.chain().end(0, 1)).isEqualTo(new LogChain.End(Log.id(1, 3), Optional.empty()));
    assertThat(log.counted()).containsExactly("1/1", "1/2");
    assertThat(log.chain().reaches(Log.id(1, 2))).isTrue();
    assertThat(log.chain().reaches(Log.id(1, 3))).isFalse();
    assertThat(log.chain().reaches(Log.id(2, 1))).isFalse();
  }

  @Test
  void epochWithoutItsFirstSegmentHoldsNothing() throws Exception {
    log.put(1, 2, 0).put(1, 3, 0);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 1));
    assertThat(log.counted()).isEmpty();
  }

  @Test
  void segmentsBehindASealDoNotCount() throws Exception {
    log.put(1, 1, 0).seal(1, 2).put(1, 3, 0).put(1, 5, 0).put(2, 1, 0);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 2));
    assertThat(log.counted()).containsExactly("1/1", "2/1");
  }

  @Test
  void numberThatWasStableOnceIsNoGap() throws Exception {
    log.put(1, 2, 0).put(1, 5, 4).put(1, 6, 4).put(1, 8, 4);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 7));
    assertThat(log.counted()).containsExactly("1/2", "1/5", "1/6");
  }

  @Test
  void gapBeginsBehindWhatWasStableOnce() throws Exception {
    log.put(1, 1, 0).put(1, 2, 0).put(1, 5, 3);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 4));
    assertThat(log.counted()).containsExactly("1/1", "1/2");
  }

  @Test
  void sealKnowsMoreThanSegmentsThatLostAgainstIt() throws Exception {
    // 2 to 5 have been cleaned away; 7 was closed when only 1 was stored.
    log.put(1, 1, 0).seal(1, 6).put(1, 7, 1).put(1, 9, 1).put(2, 1, 0);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 6));
    assertThat(log.counted()).containsExactly("1/1", "2/1");
  }

  @Test
  void sealWhereASegmentWasCleanedCameLate() throws Exception {
    log.seal(1, 1).put(1, 2, 1);
    assertThat(log.chain().end(0, 1)).isEqualTo(new LogChain.End(Log.id(1, 3), Optional.empty()));
    log.seal(1, 3).put(2, 1, 0);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 3));
    assertThat(log.counted()).contains("1/2", "2/1");
  }

  @Test
  void sealedEpochMayBeEmpty() throws Exception {
    log.put(1, 1, 0).seal(1, 2).seal(2, 1).put(3, 1, 0);
    assertThat(log.counted()).containsExactly("1/1", "3/1");
    assertThat(log.chain().end(0, 2).seal()).isPresent();
  }

  @Test
  void onlySegmentsAfterAPositionAreAskedFor() throws Exception {
    log.put(1, 1, 0).put(1, 2, 0).seal(1, 3).put(2, 1, 0).put(2, 2, 1);
    assertThat(log.chain().counted(0, Optional.of(Log.id(1, 2)), Spawner.virtual()).segments())
        .containsExactly(Log.id(2, 1), Log.id(2, 2));
    assertThat(log.chain().counted(0, Optional.of(Log.id(2, 2)), Spawner.virtual()).segments())
        .isEmpty();
  }

  @Test
  void epochWithoutSealBeforeAnotherIsCorrupt() throws Exception {
    log.put(1, 1, 0).put(2, 1, 0);
    assertThatThrownBy(log::counted)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(Log.id(1, 2).key());
  }

  @Test
  void sealThatIsShownLateIsNoDamage() throws Exception {
    log.put(1, 1, 0).seal(1, 2).put(2, 1, 0);
    var listed = log.reader.list(0);
    listed.remove(Log.id(1, 2));
    LogReader patient =
        new LogReader(
            new Late(bucket, Log.id(1, 2).key()),
            Samples.KEY,
            Samples.SERVICE,
            Spawner.virtual(),
            Samples.CLOCK,
            1_000);
    assertThatThrownBy(
            () -> new LogChain(patient, listed).counted(0, Optional.empty(), Spawner.virtual()))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void sealBehindCleanedSegmentsThatAListingLacksIsNoDamage() throws Exception {
    log.put(1, 1, 0).seal(1, 4).put(2, 1, 0);
    var listed = log.reader.list(0);
    listed.remove(Log.id(1, 4));
    assertThatThrownBy(
            () -> new LogChain(log.reader, listed).counted(0, Optional.empty(), Spawner.virtual()))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void takeoverDuringTheListingIsNoDamage() throws Exception {
    log.put(1, 1, 0);
    var before = log.reader.list(0);
    log.seal(1, 2).put(2, 1, 0);
    before.put(Log.id(2, 1), 1L);
    assertThatThrownBy(
            () -> new LogChain(log.reader, before).counted(0, Optional.empty(), Spawner.virtual()))
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void otherShardsAndOtherObjectsAreLeftAlone() throws Exception {
    log.put(1, 1, 0);
    bucket.putIfAbsent("log/00/readme", List.of(ByteBuffer.allocate(3)));
    bucket.putIfAbsent(new SegmentId(1, 7, 1).key(), List.of(ByteBuffer.allocate(3)));
    assertThat(log.counted()).containsExactly("1/1");
  }

  @Test
  void truncatedOrLongerObjectIsCorruptAndNamed() throws Exception {
    byte[] segment = Samples.joined(Samples.golden().body());
    for (int length : new int[] {0, 1, 71, 72, 500, segment.length - 1, segment.length + 1}) {
      MemoryBucket damaged = new MemoryBucket();
      damaged.putIfAbsent(
          Samples.GOLDEN_ID.key(),
          List.of(ByteBuffer.wrap(java.util.Arrays.copyOf(segment, length))));
      LogReader reader =
          new LogReader(damaged, Samples.KEY, Samples.SERVICE, Spawner.virtual(), Samples.CLOCK, 0);
      assertThatThrownBy(() -> reader.header(Samples.GOLDEN_ID))
          .as("%d bytes", length)
          .isInstanceOf(CorruptException.class)
          .hasMessageContaining(Samples.GOLDEN_ID.key());
    }
  }

  @Test
  void headerThatIsLongerThanTheFirstReadIsReadWhole() throws Exception {
    SegmentBuilder builder = new SegmentBuilder(Samples.SERVICE, Log.id(1, 1), false);
    for (int i = 1; i <= 10_000; i++) {
      builder.add(i, Samples.mark(i), Samples.NO_DATA);
    }
    SegmentBuilder.Closed closed = builder.close(0, 0, Samples.KEY);
    bucket.putIfAbsent(Log.id(1, 1).key(), closed.body());
    assertThat(log.reader.header(Log.id(1, 1))).contains(closed.header());
  }

  /// Does not show an object when it is asked for it first.
  private static final class Late implements Bucket {
    private final Bucket inner;
    private final String key;
    private boolean asked;

    Late(Bucket inner, String key) {
      this.inner = inner;
      this.key = key;
    }

    @Override
    public Optional<Range> get(String wanted, long offset, int length)
        throws CorruptException, RefusedException, UnavailableException {
      boolean isHidden = wanted.equals(key) && !asked;
      asked |= isHidden;
      return isHidden ? Optional.empty() : inner.get(wanted, offset, length);
    }

    @Override
    public PutResult putIfAbsent(String put, List<ByteBuffer> body)
        throws RefusedException, UnavailableException {
      return inner.putIfAbsent(put, body);
    }

    @Override
    public void delete(String gone) throws RefusedException, UnavailableException {
      inner.delete(gone);
    }

    @Override
    public Listing list(String prefix, String startAfter, int limit)
        throws RefusedException, UnavailableException {
      return inner.list(prefix, startAfter, limit);
    }
  }
}
