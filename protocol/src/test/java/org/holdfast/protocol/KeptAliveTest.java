package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeptAliveTest {
  private final SteppedClock clock = new SteppedClock();
  private final Pipe.Ends ends = Pipe.open(100, new SecureRandom());
  private final KeptAlive kept = new KeptAlive(ends.client(), clock, Spawner.virtual());

  @Test
  void anIdleConnectionSendsPing() throws Exception {
    clock.advance(1, KeptAlive.LOOK_MILLIS);
    assertThat(ends.server().receive()).contains(new Received(0, new Message.Ping()));
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
    clock.awaitSleeps(1);
    var sender =
        ConnectionContract.start(() -> {
          while (true) {
            kept.send(1, ConnectionContract.store(ByteBuffer.allocate(1000)));
          }
        });
    for (int look = 1; look <= 6 && !sender.isDone(); look++) {
      clock.advance(look, KeptAlive.LOOK_MILLIS);
      if (look < 4) {
        clock.awaitSleeps(look + 1);
        assertThat(sender).isNotDone();
      }
      if (look == 5) {
        break;
      }
    }
    ConnectionContract.assertUnavailable(sender);
  }
}
