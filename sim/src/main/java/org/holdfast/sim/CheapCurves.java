package org.holdfast.sim;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyPairGeneratorSpi;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.XECPrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/// Ed25519 and X25519 without the curves, which are three quarters of what a run costs. What is
/// simulated is not cryptography: whoever has the public key can forge here, and nobody does.
///
/// A signature is a hash of public key and message; what two agree on is a hash of both public
/// keys. All other algorithms are the JDK's.
public final class CheapCurves extends Provider {
  private static final long serialVersionUID = 1;

  private CheapCurves() {
    super("CheapCurves", "1", "for simulation only");
    putService(service("Signature", "Ed25519", HashSignature.class));
    putService(service("KeyAgreement", "X25519", HashAgreement.class));
    putService(service("KeyPairGenerator", "X25519", HashPairs.class));
  }

  private Service service(String type, String algorithm, Class<?> made) {
    return new Service(this, type, algorithm, made.getName(), null, Map.of());
  }

  /// For this process, from here on.
  static void install() {
    Security.insertProviderAt(new CheapCurves(), 1);
  }

  private static byte[] hash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Where a key is what its algorithm says, and the JDK's own providers are there, none fails.
  private static IllegalStateException defect(Exception e) {
    return new IllegalStateException(e);
  }

  /// Signs by hashing.
  public static final class HashSignature extends SignatureSpi {
    private static final Map<BigInteger, byte[]> PUBLIC = new ConcurrentHashMap<>();

    private byte[] key = {};
    private byte[] text = {};

    @Override
    protected void engineInitVerify(PublicKey publicKey) {
      key = publicKey.getEncoded();
      text = new byte[0];
    }

    @Override
    protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
      if (!(privateKey instanceof EdECPrivateKey own)) {
        throw new InvalidKeyException("not of Ed25519");
      }
      byte[] seed = own.getBytes().orElseThrow();
      key = PUBLIC.computeIfAbsent(new BigInteger(1, seed), _ -> publicKey(seed));
      text = new byte[0];
    }

    /// The real one, as keys are made by the JDK.
    private static byte[] publicKey(byte[] seed) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
        return generator.generateKeyPair().getPublic().getEncoded();
      } catch (GeneralSecurityException e) {
        throw defect(e);
      }
    }

    @Override
    protected void engineUpdate(byte one) {
      engineUpdate(new byte[] {one}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] bytes, int offset, int length) {
      int old = text.length;
      text = Arrays.copyOf(text, old + length);
      System.arraycopy(bytes, offset, text, old, length);
    }

    @Override
    protected byte[] engineSign() {
      byte[] half = hash(key, text);
      byte[] signature = Arrays.copyOf(half, 64);
      System.arraycopy(hash(half), 0, signature, 32, 32);
      return signature;
    }

    @Override
    protected boolean engineVerify(byte[] signature) throws SignatureException {
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

  /// Hands out a seed.
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1;
    private final transient byte[] seed;

    Given(byte[] seed) {
      super(null, null);
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }

  /// Makes public keys of private ones by hashing.
  public static final class HashPairs extends KeyPairGeneratorSpi {
    private SecureRandom random = new Given(new byte[32]);

    @Override
    public void initialize(int size, SecureRandom source) {
      random = source;
    }

    @Override
    public void initialize(AlgorithmParameterSpec parameters, SecureRandom source) {
      random = source;
    }

    @Override
    public KeyPair generateKeyPair() {
      byte[] scalar = new byte[32];
      random.nextBytes(scalar);
      try {
        KeyFactory factory = KeyFactory.getInstance("X25519");
        return new KeyPair(
            factory.generatePublic(
                new XECPublicKeySpec(
                    NamedParameterSpec.X25519, new BigInteger(1, publicOf(scalar)))),
            factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar)));
      } catch (GeneralSecurityException e) {
        throw defect(e);
      }
    }

    /// As a number below the field's prime, its highest byte first.
    static byte[] publicOf(byte[] scalar) {
      byte[] number = hash(scalar);
      number[0] &= 0x3F;
      return number;
    }
  }

  /// Agrees by hashing.
  public static final class HashAgreement extends KeyAgreementSpi {
    private byte[] own = {};
    private byte[] theirs = {};

    @Override
    protected void engineInit(Key key, SecureRandom random) throws InvalidKeyException {
      if (!(key instanceof XECPrivateKey secret)) {
        throw new InvalidKeyException("not of X25519");
      }
      own = HashPairs.publicOf(secret.getScalar().orElseThrow());
    }

    @Override
    protected void engineInit(Key key, AlgorithmParameterSpec parameters, SecureRandom random)
        throws InvalidKeyException {
      engineInit(key, random);
    }

    @Override
    protected @org.jspecify.annotations.Nullable Key engineDoPhase(Key key, boolean isLast)
        throws InvalidKeyException {
      if (!(key instanceof XECPublicKey other)) {
        throw new InvalidKeyException("not of X25519");
      }
      byte[] number = other.getU().toByteArray();
      theirs = new byte[32];
      int length = Math.min(32, number.length);
      System.arraycopy(number, number.length - length, theirs, 32 - length, length);
      return null;
    }

    @Override
    protected byte[] engineGenerateSecret() {
      boolean isFirst = Arrays.compareUnsigned(own, theirs) < 0;
      return isFirst ? hash(own, theirs) : hash(theirs, own);
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
}
