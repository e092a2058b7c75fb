package org.holdfast.sim;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactorySpi;
import java.security.KeyPair;
import java.security.KeyPairGeneratorSpi;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Keys for [CheapCrypto]: a public key is a hash of the private one, behind the prefix that the
/// algorithm's keys have when they are encoded.
final class CheapKeys {
  private CheapKeys() {}

  /// What is imitated. Prefixes are those of RFC 8410, RFC 9881 and RFC 9935.
  enum Kind {
    X25519("X25519", "302a300506032b656e032100", 32, 32),
    ED25519("Ed25519", "302a300506032b6570032100", 32, 32),
    ML_KEM_768("ML-KEM-768", "308204b2300b0609608648016503040402038204a100", 1184, 64),
    ML_DSA_65("ML-DSA-65", "308207b2300b0609608648016503040312038207a100", 1952, 32);

    private final String algorithm;
    private final String prefix;
    private final int publicBytes;
    private final int seedBytes;

    Kind(String algorithm, String prefix, int publicBytes, int seedBytes) {
      this.algorithm = algorithm;
      this.prefix = prefix;
      this.publicBytes = publicBytes;
      this.seedBytes = seedBytes;
    }

    String algorithm() {
      return algorithm;
    }

    private boolean isPrefixOf(byte[] encoded) {
      return encoded.length == prefix.length() / 2 + publicBytes
          && HexFormat.of().formatHex(encoded, 0, prefix.length() / 2).equals(prefix);
    }

    private byte[] framed(byte[] raw) {
      byte[] start = HexFormat.of().parseHex(prefix);
      return ByteBuffer.allocate(start.length + publicBytes).put(start).put(raw).array();
    }
  }

  /// The encoded public half of either key. Throws [InvalidKeyException] for a key of others.
  static byte[] publicOf(Key key) throws InvalidKeyException {
    return switch (key) {
      case Public half -> half.encoded;
      case Secret half -> half.other.encoded;
      default -> throw new InvalidKeyException("not made here: " + key);
    };
  }

  // Value classes of the JDK's interfaces; nobody compares or serializes them.
  @SuppressWarnings("ArrayRecordComponent")
  private record Public(Kind kind, byte[] encoded) implements PublicKey {
    private static final long serialVersionUID = 1;

    @Override
    public String getAlgorithm() {
      return kind.algorithm;
    }

    @Override
    public String getFormat() {
      return "X.509";
    }

    @Override
    public byte[] getEncoded() {
      return encoded.clone();
    }
  }

  private record Secret(Public other) implements PrivateKey {
    private static final long serialVersionUID = 1;

    @Override
    public String getAlgorithm() {
      return other.kind.algorithm;
    }

    @Override
    public @Nullable String getFormat() {
      return null;
    }

    @Override
    public byte @Nullable [] getEncoded() {
      return null;
    }
  }

  /// Draws exactly the seed that the real generator draws.
  static final class Pairs extends KeyPairGeneratorSpi {
    private final Kind kind;
    private @Nullable SecureRandom random;

    Pairs(Kind kind) {
      this.kind = kind;
    }

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
      if (random == null) {
        throw new IllegalStateException("nothing here draws from randomness of its own");
      }
      byte[] seed = new byte[kind.seedBytes];
      random.nextBytes(seed);
      byte[] raw = CheapCrypto.expand(CheapCrypto.hash(seed), kind.publicBytes);
      Public half = new Public(kind, kind.framed(raw));
      return new KeyPair(half, new Secret(half));
    }
  }

  /// Knows encoded public keys, and nothing else.
  static final class Factory extends KeyFactorySpi {
    private final Kind kind;

    Factory(Kind kind) {
      this.kind = kind;
    }

    @Override
    protected PublicKey engineGeneratePublic(KeySpec spec) throws InvalidKeySpecException {
      if (!(spec instanceof X509EncodedKeySpec encoded) || !kind.isPrefixOf(encoded.getEncoded())) {
        throw new InvalidKeySpecException("not an encoded key of " + kind.algorithm);
      }
      return new Public(kind, encoded.getEncoded());
    }

    @Override
    protected PrivateKey engineGeneratePrivate(KeySpec spec) throws InvalidKeySpecException {
      throw new InvalidKeySpecException("private keys come from their seed here");
    }

    @Override
    protected <T extends KeySpec> T engineGetKeySpec(Key key, Class<T> type)
        throws InvalidKeySpecException {
      throw new InvalidKeySpecException("keys have one form here");
    }

    @Override
    protected Key engineTranslateKey(Key key) {
      return key;
    }
  }
}
