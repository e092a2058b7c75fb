package org.holdfast.sim;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/// Signatures, key agreement and encapsulation by hashing, of the lengths that the algorithms have:
/// curves and lattices are nine tenths of what a run would cost. What is simulated is not
/// cryptography: whoever has a public key can forge here, and nobody does. A wrong key, a changed
/// message or a changed signature is still noticed.
///
/// All other algorithms (AES-GCM, HMAC, HKDF, SHA-256) are the JDK's.
final class CheapCrypto extends Provider {
  private static final long serialVersionUID = 1;

  private CheapCrypto() {
    super("CheapCrypto", "1", "for simulation only");
    for (CheapKeys.Kind kind : CheapKeys.Kind.values()) {
      putService(new Made(this, "KeyPairGenerator", kind, CheapKeys.Pairs::new));
      putService(new Made(this, "KeyFactory", kind, CheapKeys.Factory::new));
    }
    putService(new Made(this, "Signature", CheapKeys.Kind.ED25519, CheapSignature::new));
    putService(new Made(this, "Signature", CheapKeys.Kind.ML_DSA_65, CheapSignature::new));
    putService(new Made(this, "KeyAgreement", CheapKeys.Kind.X25519, _ -> new CheapAgreement()));
    putService(new Made(this, "KEM", CheapKeys.Kind.ML_KEM_768, _ -> new CheapEncapsulation()));
  }

  /// For this process, from here on.
  static void install() {
    Security.insertProviderAt(new CheapCrypto(), 1);
  }

  static byte[] hash(byte[]... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(part);
      }
      return digest.digest();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /// A hash, and what follows from it, to a length of at least its own.
  static byte[] expand(byte[] hash, int length) {
    long seed = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      seed = (seed << 8) | (hash[i] & 0xff);
    }
    byte[] rest = new byte[length - hash.length];
    new SplittableRandom(seed).nextBytes(rest);
    byte[] all = Arrays.copyOf(hash, length);
    System.arraycopy(rest, 0, all, hash.length, rest.length);
    return all;
  }

  private static final class Made extends Service {
    private final CheapKeys.Kind kind;
    private final Function<CheapKeys.Kind, Object> maker;

    Made(
        Provider provider,
        String type,
        CheapKeys.Kind kind,
        Function<CheapKeys.Kind, Object> maker) {
      super(provider, type, kind.algorithm(), maker.getClass().getName(), null, Map.of());
      this.kind = kind;
      this.maker = maker;
    }

    @Override
    public Object newInstance(Object parameter) {
      return maker.apply(kind);
    }
  }
}
