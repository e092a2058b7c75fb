package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.holdfast.protocol.ConnectionContract.start;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.holdfast.core.KeptThreads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeptAliveTest {
  private final SteppedClock clock = new SteppedClock();
  private final Pipe.Ends ends = Pipe.open(100, new SecureRandom());
  private final KeptThreads threads = new KeptThreads();
  private final KeptAlive kept = new KeptAlive(ends.client(), clock, threads);

  @Test
  void anIdleConnectionSendsPing() throws Exception {
    clock.advance(1, KeptAlive.LOOK_MILLIS);
    assertThat(ends.server().receive()).contains(new Received(0, new Message.Ping()));
    awaitPings();
    clock.advance(2, KeptAlive.LOOK_MILLIS);
    assertThat(ends.server().receive()).contains(new Received(0, new Message.Ping()));
  }

  @Test
  void aBusyConnectionSendsNoPing() throws Exception {
    clock.awaitSleeps(1);
    kept.send(1, new Message.Done());
    clock.advance(1, KeptAlive.LOOK_MILLIS);
    clock.awaitSleeps(2);
    kept.send(2, new Message.Done());
    assertThat(ends.server().receive()).contains(new Received(1, new Message.Done()));
    assertThat(ends.server().receive()).contains(new Received(2, new Message.Done()));
  }

  @Test
  void pingsThatComeAreDropped() throws Exception {
    ends.server().send(0, new Message.Ping());
    ends.server().send(0, new Message.Ping());
    ends.server().send(4, new Message.Done());
    assertThat(kept.receive()).contains(new Received(4, new Message.Done()));
  }

  @Test
  void aPeerThatHasStoppedReadingIsGivenUp() throws Exception {
    var sender = start(this::flood);
    for (int look = 1; look < 4; look++) {
      clock.advance(look, KeptAlive.LOOK_MILLIS);
      clock.awaitSleeps(look + 1);
      assertThat(sender).isNotDone();
    }
    var time = start(this::letTimePass);
    ConnectionContract.assertUnavailable(sender);
    assertThat(time).isNotCompletedExceptionally();
  }

  /// A PING may be what gets stuck, when the carrier fills up right before it.
  @Test
  void aPeerThatDoesNotEvenTakeAPingIsGivenUp() throws Exception {
    ends.client().send(1, ConnectionContract.store(ByteBuffer.allocate(1000)));
    var time = start(this::letTimePass);
    var receiver = start(kept::receive);
    ConnectionContract.assertUnavailable(receiver);
    assertThat(time).isNotCompletedExceptionally();
  }

  /// A PING may have come before it counts as sent, and no other goes out until then.
  private void awaitPings() throws InterruptedException {
    threads.await("ping");
  }

  private void flood() throws Exception {
    while (true) {
      kept.send(1, ConnectionContract.store(ByteBuffer.allocate(1000)));
    }
  }

  /// As long as somebody waits for it.
  private void letTimePass() throws Exception {
    for (int sleeps = 1; true; sleeps++) {
      clock.advance(sleeps, KeptAlive.LOOK_MILLIS);
    }
  }
}
