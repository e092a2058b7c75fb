package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.holdfast.core.CorruptException;
import org.junit.jupiter.api.Test;

/// What is inside a part, as somebody with the run's key, and a mistake, could have made it.
final class PackingTest {
  @Test
  void onlyOneWayToPackIsAccepted() throws Exception {
    byte[] data = new byte[101];
    new Random(1).nextBytes(data);
    try (Packer packer = new Packer(3);
        Unpacker unpacker = new Unpacker()) {
      int length = packer.pack(data, 0, data.length);
      byte[] plain = Arrays.copyOf(packer.plain(), length + 64);
      assertThat(length).isGreaterThan(Packer.PREFIX + data.length);
      assertThat(Opened.array(unpacker.unpack(plain, length, 101))).isEqualTo(data);
      assertThatThrownBy(() -> unpacker.unpack(plain, length, 100))
          .isInstanceOf(CorruptException.class);
      assertThatThrownBy(() -> unpacker.unpack(plain, length + 8, 101))
          .isInstanceOf(CorruptException.class);
      plain[length - 1] = 1;
      assertThatThrownBy(() -> unpacker.unpack(plain, length, 101)).hasMessageContaining("padding");
      plain[length - 1] = 0;
      plain[0] = 2;
      assertThatThrownBy(() -> unpacker.unpack(plain, length, 101))
          .hasMessageContaining("no compression");
      plain[0] = 1;
      assertThatThrownBy(() -> unpacker.unpack(plain, length, 101))
          .hasMessageContaining("does not decompress");
    }
  }

  @Test
  void aFrameGivesExactlyWhatWasStated() {
    byte[] data = new byte[5000];
    try (Packer packer = new Packer(3);
        Unpacker unpacker = new Unpacker()) {
      int length = packer.pack(data, 0, data.length);
      for (int stated : new int[] {4999, 5001, 0}) {
        byte[] plain = Arrays.copyOf(packer.plain(), length);
        ByteBuffer.wrap(plain).putInt(1, stated);
        assertThatThrownBy(() -> unpacker.unpack(plain, length, 1 << 20))
            .isInstanceOf(CorruptException.class);
      }
    }
  }
}
