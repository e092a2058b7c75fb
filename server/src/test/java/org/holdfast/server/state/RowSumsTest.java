package org.holdfast.server.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.BufferUnderflowException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.holdfast.core.Spawner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RowSumsTest {
  private final Random random = new Random(1);

  private byte[] draw(int first, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    bytes[0] = (byte) first;
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 60_000})
  void sumIsThatOfAllRows(int count) {
    AtomicInteger threads = new AtomicInteger();
    RowSums sums =
        new RowSums((name, work) -> {
          threads.incrementAndGet();
          return Spawner.virtual().spawn(name, work);
        });
    RowDigest hash = new RowDigest();
    Fingerprint expected = Fingerprint.ZERO;
    for (int i = 0; i < count; i++) {
      byte[] key = draw("abmosz".charAt(i % 6), 50);
      byte[] value = draw(0, 60);
      expected = expected.plus(hash.of(key, value));
      sums.row(key, value);
    }
    assertThat(sums.sum()).isEqualTo(expected);
    assertThat(threads.get()).isEqualTo(count / 4096);
  }

  @Test
  void rowThatIsNoneIsToldAsWhatItIs() {
    RowSums sums = new RowSums(Spawner.virtual());
    sums.row(draw('b', 50), new byte[5]);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 60_000; i++) {
                sums.row(draw('a', 20), draw(0, 20));
              }
            })
        .isInstanceOf(BufferUnderflowException.class);
  }
}
