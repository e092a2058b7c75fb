package org.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

final class PipeTest extends ConnectionContract {
  @Override
  Pipe.Ends connect() {
    return Pipe.open(1 << 20, new SecureRandom());
  }

  @Test
  void bindingsDifferFromPipeToPipe() {
    assertThat(connect().client().binding()).isNotEqualTo(connect().client().binding());
  }

  @Test
  void theBytesOfABlockAreHandedOverNotCopied() throws Exception {
    byte[] bytes = {1, 2, 3};
    Pipe.Ends ends = connect();
    ends.client().send(1, store(ByteBuffer.wrap(bytes)));
    Message.Store store = (Message.Store) ends.server().receive().orElseThrow().message();
    assertThat(store.bytes().joined().array()).isSameAs(bytes);
  }

  @Test
  void aFullPipeHoldsTheSenderUntilThereIsRoom() throws Exception {
    Pipe.Ends ends = Pipe.open(100, new SecureRandom());
    ends.client().send(1, store(ByteBuffer.allocate(1000)));
    var second = start(() -> ends.client().send(1, store(ByteBuffer.allocate(1000))));
    var third = start(() -> ends.client().send(0, new Message.Ping()));
    assertThat(second).isNotDone();
    assertThat(third).isNotDone();
    for (int i = 0; i < 3; i++) {
      assertThat(ends.server().receive()).isPresent();
    }
    second.get();
    third.get();
  }
}
