package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.holdfast.bucket.Bucket;
import org.holdfast.bucket.FaultyBucket;
import org.holdfast.bucket.FaultyBucket.Fault;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.junit.jupiter.api.Test;

/// Fencing over a bucket, whichever it is: who takes a log over owns it alone.
abstract class FenceContract {
  /// An empty bucket, by each of the ways that lead to it.
  protected abstract List<Bucket> ways() throws Exception;

  /// How many histories of owners are played.
  protected abstract int histories();

  private Bucket bucket() throws Exception {
    return ways().getFirst();
  }

  @Test
  void noAcknowledgedRecordIsEverLostOrContradicted() throws Exception {
    long acknowledged = 0;
    int fenced = 0;
    for (int seed = 0; seed < histories(); seed++) {
      OwnersHistory history = new OwnersHistory(seed, ways());
      history.run();
      acknowledged += history.check();
      fenced += history.fenced();
    }
    assertThat(acknowledged).isGreaterThan(histories() * 3L);
    assertThat(fenced).isGreaterThan(histories() / 5);
  }

  @Test
  void eachTakerGetsAnEpochOfItsOwn() throws Exception {
    Log log = new Log(bucket());
    assertThat(log.take()).as("also of an empty log").isEqualTo(2);
    log.put(2, 1, 0).put(2, 2, 1);
    assertThat(log.take()).isEqualTo(3);
    assertThat(log.chain().end(0, 2).position()).isEqualTo(Log.id(2, 3));
    assertThat(log.take()).as("epoch 3 is sealed empty").isEqualTo(4);
    log.put(4, 1, 0);
    assertThat(log.take()).isEqualTo(5);
    assertThat(log.counted()).containsExactly("2/1", "2/2", "4/1");
  }

  @Test
  void oldOwnerThatWakesUpIsFencedAndAcknowledgesNothing() throws Exception {
    Log log = new Log(bucket());
    Log.Owner old = log.new Owner();
    old.write(1);
    old.flush();
    old.deliver(Log.id(2, 1), true);
    for (int i = 2; i <= 4; i++) {
      old.write(i);
      old.flush();
    }
    old.deliver(Log.id(2, 4), true);
    Log.Owner fresh = log.new Owner();
    assertThat(fresh.epoch).isEqualTo(3);
    old.deliver(Log.id(2, 3), true);
    assertThat(old.fenced).isFalse();
    old.deliver(Log.id(2, 2), true);
    assertThat(old.fenced).isTrue();
    assertThat(old.acknowledged).extracting(LogEntry::number).containsExactly(1L);
    assertThat(log.counted()).containsExactly("2/1");
  }

  @Test
  void putWhoseAnswerWasLostIsKnownByItsContent() throws Exception {
    Log log = new Log(bucket());
    Log.Owner owner = log.new Owner();
    owner.write(1);
    owner.flush();
    owner.deliver(Log.id(2, 1), false);
    assertThat(owner.acknowledged).isEmpty();
    owner.deliver(Log.id(2, 1), true);
    assertThat(owner.fenced).isFalse();
    assertThat(owner.acknowledged).hasSize(1);
  }

  @Test
  void sealWhoseAnswerWasLostIsKnownWhenItIsPutAgain() throws Exception {
    Bucket bucket = bucket();
    Log log = new Log(bucket).put(1, 1, 0);
    Log again = new Log(new PutTwice(bucket));
    assertThat(again.take()).isEqualTo(2);
    assertThat(log.chain().lastEpoch()).isEqualTo(1);
  }

  @Test
  void takeThatFailsAnywhereLeavesALogThatCanBeTaken() throws Exception {
    for (Fault fault : new Fault[] {Fault.BEFORE, Fault.AFTER}) {
      for (long call = 1; call < 300; call++) {
        Bucket bucket = bucket();
        new Log(bucket).put(1, 1, 0).put(1, 2, 1);
        FaultyBucket faulty = new FaultyBucket(bucket).fail(call, fault);
        Log log = new Log(faulty);
        long last = call;
        try {
          assertThat(log.take()).isEqualTo(2);
          assertThat(faulty.calls()).isLessThan(last);
          break;
        } catch (UnavailableException e) {
          assertThat(log.take()).isBetween(2, 3);
        }
        assertThat(log.counted()).containsExactly("1/1", "1/2");
      }
    }
  }

  @Test
  void takersThatRaceNeverGetTheSameEpoch() throws Exception {
    int takers = 8;
    try (ExecutorService threads = Executors.newFixedThreadPool(takers)) {
      List<Bucket> ways = ways();
      Log log = new Log(ways.getFirst()).put(1, 1, 0);
      List<Callable<Integer>> all = new ArrayList<>();
      for (int i = 0; i < takers; i++) {
        all.add(new Log(ways.get(i % ways.size()))::take);
      }
      List<Integer> epochs = new ArrayList<>();
      for (Future<Integer> taken : threads.invokeAll(all)) {
        epochs.add(taken.get());
      }
      assertThat(epochs).doesNotHaveDuplicates().allMatch(epoch -> epoch >= 2);
      assertThat(log.counted()).containsExactly("1/1");
    }
  }

  @Test
  void takersOfAnEmptyLogThatRaceNeverGetTheSameEpoch() throws Exception {
    Bucket bucket = bucket();
    int[] other = {0};
    Log log = new Log(bucket);
    HookedBucket raced =
        new HookedBucket(
            bucket,
            call -> {
              if (call.equals("put") && other[0] == 0) {
                other[0] = log.take();
              }
            });
    assertThat(new Log(raced).take()).isGreaterThan(other[0]);
    assertThat(other[0]).isPositive();
  }

  @Test
  void logThatEndsBeforeWhatTheTakerHasSeenIsRefusedAndNotSealed() throws Exception {
    Bucket bucket = bucket();
    Log log = new Log(bucket);
    assertThatThrownBy(() -> log.take(Optional.of(Log.id(2, 3))))
        .isInstanceOf(RefusedException.class);
    log.seal(1, 1).put(2, 1, 0).put(2, 2, 0).put(2, 4, 2);
    assertThatThrownBy(() -> log.take(Optional.of(Log.id(2, 3))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(Log.id(2, 3).key());
    assertThatThrownBy(() -> log.take(Optional.of(Log.id(3, 1))))
        .isInstanceOf(RefusedException.class);
    assertThat(log.reader.list(0)).hasSize(4);
    log.put(2, 3, 2);
    assertThat(log.take(Optional.of(Log.id(2, 3)))).isEqualTo(3);
  }

  @Test
  void sealThatFindsThePlaceOfACleanedSegmentTakesNothingOver() throws Exception {
    Bucket bucket = bucket();
    Log log = new Log(bucket).put(1, 1, 0);
    boolean[] isWritten = {false};
    Log late =
        new Log(
            new HookedBucket(
                bucket,
                call -> {
                  if (call.equals("put") && !isWritten[0]) {
                    isWritten[0] = true;
                    log.put(1, 2, 1).put(1, 3, 2);
                    bucket.delete(Log.id(1, 2).key());
                  }
                }));
    assertThat(late.take(Optional.of(Log.id(1, 1)))).isEqualTo(2);
    assertThat(log.chain().end(0, 1).position()).isEqualTo(Log.id(1, 4));
    assertThat(log.chain().end(0, 1).seal()).isPresent();
  }

  @Test
  void takersThatFightForEverGiveUp() throws Exception {
    Bucket bucket = bucket();
    Log log = new Log(bucket).put(1, 1, 0);
    Log beaten =
        new Log(
            new HookedBucket(
                bucket,
                call -> {
                  if (call.equals("put")) {
                    log.take();
                  }
                }));
    assertThatThrownBy(beaten::take).isInstanceOf(UnavailableException.class);
  }

  @Test
  void segmentOfTheSameLengthAndOtherContentIsNotOurs() throws Exception {
    Bucket bucket = bucket();
    new Log(bucket).seal(1, 1);
    var other =
        SegmentBuilder.seal(Samples.SERVICE, Log.id(1, 1), Log.owner(), Samples.TIME, Samples.KEY);
    assertThat(Fence.holds(bucket, Log.id(1, 1), other.body())).isFalse();
    assertThatThrownBy(() -> Fence.holds(bucket, Log.id(1, 2), other.body()))
        .as("nobody knows whose")
        .isInstanceOf(UnavailableException.class);
  }

  @Test
  void damagedSegmentIsNobodys() throws Exception {
    Bucket bucket = bucket();
    var own =
        SegmentBuilder.seal(Samples.SERVICE, Log.id(1, 1), Log.owner(), Samples.TIME, Samples.KEY);
    byte[] whole = new byte[own.header().headerLength()];
    own.body().getFirst().duplicate().get(whole);
    byte[] rotten = whole.clone();
    rotten[80] ^= 1;
    byte[] rottenHmac = whole.clone();
    rottenHmac[whole.length - 1] ^= 1;
    byte[] cut = Arrays.copyOf(whole, whole.length - 1);
    var next =
        SegmentBuilder.seal(Samples.SERVICE, Log.id(1, 2), Log.owner(), Samples.TIME, Samples.KEY);
    byte[] misplaced = new byte[next.header().headerLength()];
    next.body().getFirst().duplicate().get(misplaced);
    for (byte[] shown : List.of(rotten, rottenHmac, cut, misplaced, new byte[0])) {
      bucket.putIfAbsent(Log.id(1, 1).key(), List.of(ByteBuffer.wrap(shown)));
      assertThatThrownBy(() -> Fence.holds(bucket, Log.id(1, 1), own.body()))
          .as("it may be ours or another's")
          .isInstanceOf(UnavailableException.class);
      bucket.delete(Log.id(1, 1).key());
    }
  }
}
