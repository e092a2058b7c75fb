package org.holdfast.seal;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Seals what a client keeps for itself in its cache folder: only who has a key file with the right
/// can have made it, and only such a one can read it. An old one opens as well as a new one.
///
/// ```
/// 0   32  salt, drawn each time
/// 32      AES-256-GCM, nonce zero, under HKDF-SHA256 of the right's private key, salt, and
///         "holdfast cache 1"
/// ```
///
/// Immutable. Prints nothing of itself.
public final class CacheSeal {
  private static final int SALT_LENGTH = 32;
  private static final byte[] INFO = "holdfast cache 1".getBytes(StandardCharsets.US_ASCII);

  private final Bytes key;

  private CacheSeal(Bytes key) {
    this.key = key;
  }

  /// For who has the right to read.
  public static CacheSeal of(ReadKeys keys) {
    return new CacheSeal(keys.content().bytes());
  }

  /// For who has the right to tidy, or to read.
  public static CacheSeal of(TidyKeys keys) {
    return new CacheSeal(keys.reference().bytes());
  }

  /// `context` is what must be the same when it is opened.
  public byte[] seal(byte[] context, byte[] plain, SecureRandom random) {
    byte[] salt = new byte[SALT_LENGTH];
    random.nextBytes(salt);
    byte[] sealed = Gcm.sealOnce(key(salt), context, plain);
    byte[] all = Arrays.copyOf(salt, SALT_LENGTH + sealed.length);
    System.arraycopy(sealed, 0, all, SALT_LENGTH, sealed.length);
    return all;
  }

  /// Throws [CorruptException] for anything that [#seal] has not made with this key and context.
  public byte[] open(byte[] context, byte[] all) throws CorruptException {
    if (all.length < SALT_LENGTH) {
      throw new CorruptException("a sealed file of the cache is cut short");
    }
    byte[] salt = Arrays.copyOf(all, SALT_LENGTH);
    return Gcm.openOnce(key(salt), context, Arrays.copyOfRange(all, SALT_LENGTH, all.length));
  }

  private byte[] key(byte[] salt) {
    return Hkdf.derive(key.toArray(), salt, INFO, 32);
  }

  @Override
  public String toString() {
    return "CacheSeal";
  }
}
