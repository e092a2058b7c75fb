package org.holdfast.sim;

import java.io.ByteArrayOutputStream;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SignatureSpi;
import java.util.Arrays;

/// Signs by hashing the public key and the message.
final class CheapSignature extends SignatureSpi {
  private final int length;
  private byte[] key = {};
  private final ByteArrayOutputStream text = new ByteArrayOutputStream();

  CheapSignature(CheapKeys.Kind kind) {
    length = kind == CheapKeys.Kind.ED25519 ? 64 : 3309;
  }

  @Override
  protected void engineInitVerify(PublicKey publicKey) throws InvalidKeyException {
    key = CheapKeys.publicOf(publicKey);
    text.reset();
  }

  @Override
  protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
    key = CheapKeys.publicOf(privateKey);
    text.reset();
  }

  @Override
  protected void engineUpdate(byte one) {
    text.write(one);
  }

  @Override
  protected void engineUpdate(byte[] bytes, int offset, int count) {
    text.write(bytes, offset, count);
  }

  @Override
  protected byte[] engineSign() {
    return CheapCrypto.expand(CheapCrypto.hash(key, text.toByteArray()), length);
  }

  @Override
  protected boolean engineVerify(byte[] signature) {
    return Arrays.equals(signature, engineSign());
  }

  @Deprecated
  @Override
  protected void engineSetParameter(String name, Object value) {
    throw new UnsupportedOperationException();
  }

  @Deprecated
  @Override
  protected Object engineGetParameter(String name) {
    throw new UnsupportedOperationException();
  }
}
