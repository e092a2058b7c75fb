package org.holdfast.server.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.server.TestClock;
import org.junit.jupiter.api.Test;

final class PacerTest {
  private static final long PIECE_MILLIS = 20;
  private static final long MINUTE_MILLIS = 60_000;

  private final TestClock clock = new TestClock();
  private boolean clientsWait;
  private Optional<String> obstacle = Optional.empty();
  private final Pacer pacer = new Pacer(clock, () -> clientsWait, () -> obstacle, new Direct());

  @Test
  void jobThatIsAloneWorksHalfOfTheTime() throws Exception {
    assertThat(sharePercent(BackgroundJob.FREEING)).isBetween(48L, 52L);
  }

  @Test
  void jobWorksATenthOfTheTimeWhileClientsWaitWithoutEnd() throws Exception {
    clientsWait = true;
    assertThat(sharePercent(BackgroundJob.FREEING)).isBetween(9L, 11L);
    assertThat(sharePercent(BackgroundJob.CLEANING)).isBetween(9L, 11L);
    assertThat(sharePercent(BackgroundJob.SCRUB)).isBetween(1L, 3L);
  }

  @Test
  void drillWorksAHundredthOfTheTimeWhileClientsWaitWithoutEndAndLessThanATenthWhileNoneDoes()
      throws Exception {
    assertThat(sharePercent(BackgroundJob.DRILL)).isBetween(7L, 9L);
    clientsWait = true;
    assertThat(sharePercent(BackgroundJob.DRILL)).isBetween(0L, 2L);
  }

  @Test
  void jobGoesOnAsSoonAsNoClientWaits() throws Exception {
    clientsWait = true;
    piece(BackgroundJob.FREEING);
    clientsWait = false;
    long start = clock.wallMillis();
    piece(BackgroundJob.FREEING);
    assertThat(clock.wallMillis() - start).isEqualTo(2 * PIECE_MILLIS);
  }

  @Test
  void waitForRoomIsNotAPiecesTime() throws Exception {
    pacer.append(
        BackgroundJob.FREEING,
        0,
        DELAYED_BYTES,
        () -> CompletableFuture.completedFuture(sleep(PIECE_MILLIS)));
    assertThat(pacer.progress(BackgroundJob.FREEING).workedMillis()).isEqualTo(PIECE_MILLIS);
  }

  @Test
  void noPieceBeginsWhileTheJobIsSwitchedOff() throws Exception {
    pacer.hold(BackgroundJob.CLEANING);
    assertThatThrownBy(() -> piece(BackgroundJob.CLEANING))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("cleaning waits: it is switched off");
    piece(BackgroundJob.FREEING);
    pacer.resume(BackgroundJob.CLEANING);
    piece(BackgroundJob.CLEANING);
  }

  @Test
  void noPieceBeginsWhileSomethingIsInTheWay() throws Exception {
    obstacle = Optional.of("the disk is nearly full");
    assertThatThrownBy(() -> piece(BackgroundJob.FREEING))
        .hasMessage("freeing waits: the disk is nearly full");
    obstacle = Optional.empty();
    piece(BackgroundJob.FREEING);
  }

  @Test
  void failuresAreCountedUntilTheJobComesToItsEnd() {
    for (int i = 0; i < 3; i++) {
      pacer.failed(BackgroundJob.FREEING, new UnavailableException("the bucket is away"));
    }
    assertThat(pacer.progress(BackgroundJob.FREEING).failuresInARow()).isEqualTo(3);
    pacer.ended(BackgroundJob.FREEING);
    assertThat(pacer.progress(BackgroundJob.FREEING).failuresInARow()).isZero();
    assertThat(pacer.progress(BackgroundJob.FREEING).failures()).isEqualTo(3);
  }

  @Test
  void failuresAreCountedForSomeHoursWhateverCameBetween() throws Exception {
    for (int i = 0; i < 6; i++) {
      pacer.failed(BackgroundJob.FREEING, new UnavailableException("the bucket is away"));
      pacer.ended(BackgroundJob.FREEING);
      clock.sleepMillis(20 * MINUTE_MILLIS);
    }
    assertThat(pacer.progress(BackgroundJob.FREEING).recentFailures()).isEqualTo(6);
    assertThat(pacer.progress(BackgroundJob.FREEING).recentEnds()).isEqualTo(6);
    clock.sleepMillis(100 * MINUTE_MILLIS);
    assertThat(pacer.progress(BackgroundJob.FREEING).recentFailures()).isEqualTo(3);
    clock.sleepMillis(80 * MINUTE_MILLIS);
    assertThat(pacer.progress(BackgroundJob.FREEING).recentFailures()).isZero();
    assertThat(pacer.progress(BackgroundJob.FREEING).recentEnds()).isZero();
    assertThat(pacer.progress(BackgroundJob.FREEING).failures()).isEqualTo(6);
  }

  private long sharePercent(BackgroundJob job) throws HoldfastException {
    piece(job);
    long start = clock.wallMillis();
    for (int i = 0; i < 50; i++) {
      piece(job);
    }
    return 50 * PIECE_MILLIS * 100 / (clock.wallMillis() - start);
  }

  private void piece(BackgroundJob job) throws HoldfastException {
    pacer.run(job, () -> sleep(PIECE_MILLIS));
  }

  private boolean sleep(long millis) throws HoldfastException {
    try {
      clock.sleepMillis(millis);
      return true;
    } catch (InterruptedException e) {
      throw ShardLoop.stopped();
    }
  }

  private static final long DELAYED_BYTES = 1000;

  /// Runs what appends at once; where it has many bytes, after a second.
  private final class Direct implements Pacer.Appending {
    @Override
    public <T> T append(int dataLength, long bytes, ShardLog.Action<T> action)
        throws HoldfastException {
      sleep(bytes);
      return ShardLoop.await(action.run());
    }
  }
}
