package org.holdfast.seal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SignatureTest {
  private final TestRandom random = new TestRandom(1);
  private final SigningKey key = SigningKey.random(random);
  private final byte[] message = {1, 2, 3};

  @Test
  void bothHalvesMustVerify() {
    byte[] signature = key.sign(message, random);
    assertThat(signature).hasSize(VerifyingKey.SIGNATURE_LENGTH);
    assertThat(key.verifyingKey().verifies(message, signature)).isTrue();
    byte[] other = SigningKey.random(random).sign(message, random);
    byte[] wrongCurve = signature.clone();
    System.arraycopy(other, 0, wrongCurve, 0, 64);
    assertThat(key.verifyingKey().verifies(message, wrongCurve)).isFalse();
    byte[] wrongLattice = other.clone();
    System.arraycopy(signature, 0, wrongLattice, 0, 64);
    assertThat(key.verifyingKey().verifies(message, wrongLattice)).isFalse();
  }

  @Test
  void anyOtherMessageKeyOrBitFails() {
    byte[] signature = key.sign(message, random);
    assertThat(key.verifyingKey().verifies(new byte[] {1, 2}, signature)).isFalse();
    assertThat(SigningKey.random(random).verifyingKey().verifies(message, signature)).isFalse();
    assertThat(key.verifyingKey().verifies(message, new byte[64])).isFalse();
    Random places = new Random(2);
    for (int i = 0; i < 300; i++) {
      int bit = places.nextInt(signature.length * 8);
      signature[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(key.verifyingKey().verifies(message, signature)).as("bit %d", bit).isFalse();
      signature[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  /// A credential's signature must not pass for an archive's.
  @Test
  void whatIsSignedIsFramed() {
    byte[] signature = key.sign(message, random);
    System.arraycopy(curve().sign(message), 0, signature, 0, 64);
    assertThat(key.verifyingKey().verifies(message, signature)).isFalse();
  }

  private Credential curve() {
    try {
      return Credential.of(org.holdfast.core.Bytes.copyOf(key.bytes().toArray(), 0, 32));
    } catch (org.holdfast.core.CorruptException e) {
      throw new AssertionError(e);
    }
  }
}
