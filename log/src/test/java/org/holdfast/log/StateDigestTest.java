package org.holdfast.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StateDigestTest {
  private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128);

  @Test
  void sumsAreThoseModuloTwoToThe128() {
    long[] edges = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE};
    Random random = new Random(3);
    for (int i = 0; i < 5000; i++) {
      StateDigest a = new StateDigest(pick(random, edges), pick(random, edges));
      StateDigest b = new StateDigest(pick(random, edges), pick(random, edges));
      assertThat(number(a.plus(b))).isEqualTo(number(a).add(number(b)).mod(MODULUS));
      assertThat(number(a.minus(b))).isEqualTo(number(a).subtract(number(b)).mod(MODULUS));
      assertThat(a.plus(b).minus(b)).isEqualTo(a);
    }
  }

  private static long pick(Random random, long[] edges) {
    return random.nextBoolean() ? random.nextLong() : edges[random.nextInt(edges.length)];
  }

  private static BigInteger number(StateDigest digest) {
    return new BigInteger(digest.toString(), 16);
  }
}
