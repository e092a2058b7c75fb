package org.holdfast.sim;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;
import javax.crypto.KEMSpi;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Encapsulates a hash of the public key and the ciphertext: whatever of the two is changed, what
/// comes out is another secret, as with ML-KEM.
final class CheapEncapsulation implements KEMSpi {
  private static final int SECRET_BYTES = 32;
  private static final int CIPHERTEXT_BYTES = 1088;

  @Override
  public EncapsulatorSpi engineNewEncapsulator(
      PublicKey key, @Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
      throws InvalidKeyException, InvalidAlgorithmParameterException {
    if (random == null) {
      throw new InvalidAlgorithmParameterException("nothing here draws randomness of its own");
    }
    return new Ends(CheapKeys.publicOf(key), random);
  }

  @Override
  public DecapsulatorSpi engineNewDecapsulator(
      PrivateKey key, @Nullable AlgorithmParameterSpec parameters) throws InvalidKeyException {
    return new Ends(CheapKeys.publicOf(key), null);
  }

  // Never compared.
  @SuppressWarnings("ArrayRecordComponent")
  private record Ends(byte[] key, @Nullable SecureRandom random)
      implements EncapsulatorSpi, DecapsulatorSpi {
    @Override
    public KEM.Encapsulated engineEncapsulate(int from, int to, String algorithm) {
      byte[] drawn = new byte[SECRET_BYTES];
      java.util.Objects.requireNonNull(random).nextBytes(drawn);
      byte[] ciphertext = CheapCrypto.expand(CheapCrypto.hash(key, drawn), CIPHERTEXT_BYTES);
      return new KEM.Encapsulated(secret(ciphertext, from, to, algorithm), ciphertext, null);
    }

    @Override
    public SecretKey engineDecapsulate(byte[] ciphertext, int from, int to, String algorithm)
        throws DecapsulateException {
      if (ciphertext.length != CIPHERTEXT_BYTES) {
        throw new DecapsulateException("a ciphertext has " + CIPHERTEXT_BYTES + " bytes");
      }
      return secret(ciphertext, from, to, algorithm);
    }

    private SecretKey secret(byte[] ciphertext, int from, int to, String algorithm) {
      byte[] secret = CheapCrypto.hash(key, ciphertext);
      return new SecretKeySpec(Arrays.copyOfRange(secret, from, to), algorithm);
    }

    @Override
    public int engineSecretSize() {
      return SECRET_BYTES;
    }

    @Override
    public int engineEncapsulationSize() {
      return CIPHERTEXT_BYTES;
    }
  }
}
