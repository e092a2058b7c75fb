package org.holdfast.sim;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// Agrees on a hash of both public keys.
final class CheapAgreement extends KeyAgreementSpi {
  private byte[] own = {};
  private byte[] theirs = {};

  @Override
  protected void engineInit(Key key, SecureRandom random) throws InvalidKeyException {
    own = CheapKeys.publicOf(key);
  }

  @Override
  protected void engineInit(Key key, AlgorithmParameterSpec parameters, SecureRandom random)
      throws InvalidKeyException {
    engineInit(key, random);
  }

  @Override
  protected @Nullable Key engineDoPhase(Key key, boolean isLast) throws InvalidKeyException {
    theirs = CheapKeys.publicOf(key);
    return null;
  }

  @Override
  protected byte[] engineGenerateSecret() {
    boolean isFirst = Arrays.compareUnsigned(own, theirs) < 0;
    return isFirst ? CheapCrypto.hash(own, theirs) : CheapCrypto.hash(theirs, own);
  }

  @Override
  protected int engineGenerateSecret(byte[] into, int offset) {
    byte[] secret = engineGenerateSecret();
    System.arraycopy(secret, 0, into, offset, secret.length);
    return secret.length;
  }

  @Override
  protected SecretKey engineGenerateSecret(String algorithm) {
    return new SecretKeySpec(engineGenerateSecret(), algorithm);
  }
}
