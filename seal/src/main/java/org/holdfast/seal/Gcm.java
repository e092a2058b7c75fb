package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.holdfast.core.CorruptException;

/// AES-256-GCM (NIST SP 800-38D) with a nonce of 12 bytes and a tag of 16.
///
/// The JDK uses the processor's AES and carry-less multiplication only once the code around them is
/// compiled, which takes thousands of calls: with one call for each MiB the first 128 MiB go at 55
/// MB/s instead of 2,500. So sealing feeds pieces of 8 KiB; and since opening cannot be fed in
/// pieces (the JDK holds everything back until it has seen the tag), [#warm] makes the calls up
/// with small messages when a process turns out to have much to do.
///
/// For one thread at a time; keep and reuse.
final class Gcm {
  static final int NONCE_LENGTH = 12;
  static final int TAG_LENGTH = 16;

  private static final byte[] ZERO_NONCE = new byte[NONCE_LENGTH];
  private static final int PIECE = 8 << 10;
  // Measured: 2,000 calls each way of 1 KiB are enough to compile, and 512 bytes the least that
  // takes the fast path. They cost 110 ms of one core, as much as 6 MiB sealed in slow code do.
  private static final int WARM_CALLS = 2500;
  private static final int WARM_BYTES = 1024;
  private static final int LARGE = 128 << 10;
  private static final int LARGE_MESSAGES_BEFORE_WARMING = 4;

  // Of the process and not of an object, because compiled code is.
  private static final AtomicInteger LARGE_MESSAGES = new AtomicInteger();

  private final Cipher cipher;

  Gcm() {
    try {
      cipher = Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("AES-GCM", e);
    }
  }

  static SecretKey key(byte[] bytes) {
    return new SecretKeySpec(bytes, "AES");
  }

  /// The nonce of a key that seals many messages: four zero bytes, then a counter.
  static byte[] nonce(long counter) {
    return ByteBuffer.allocate(NONCE_LENGTH).putInt(0).putLong(counter).array();
  }

  /// Seals one message under a key that never seals another.
  static byte[] sealOnce(byte[] key, byte[] associated, byte[] plain) {
    byte[] out = new byte[plain.length + TAG_LENGTH];
    new Gcm().seal(key(key), ZERO_NONCE, associated, plain, plain.length, out, 0);
    return out;
  }

  /// Opens what [#sealOnce] made.
  static byte[] openOnce(byte[] key, byte[] associated, byte[] sealed) throws CorruptException {
    if (sealed.length < TAG_LENGTH) {
      throw new CorruptException("sealed message is too short");
    }
    byte[] out = new byte[sealed.length - TAG_LENGTH];
    new Gcm().open(key(key), ZERO_NONCE, associated, sealed, 0, out);
    return out;
  }

  /// Writes ciphertext and tag to `out` from `outFrom` on. `plain` and `out` are different arrays.
  void seal(
      SecretKey key,
      byte[] nonce,
      byte[] associated,
      byte[] plain,
      int length,
      byte[] out,
      int outFrom) {
    warmIfBusy(length);
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, parameters(nonce));
      cipher.updateAAD(associated);
      int to = outFrom;
      int from = 0;
      while (length - from > PIECE) {
        to += cipher.update(plain, from, PIECE, out, to);
        from += PIECE;
      }
      cipher.doFinal(plain, from, length - from, out, to);
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("AES-GCM", e);
    }
  }

  /// Opens from `from` to the end of `sealed`, into the start of `out`; returns how many bytes.
  int open(SecretKey key, byte[] nonce, byte[] associated, byte[] sealed, int from, byte[] out)
      throws CorruptException {
    int length = sealed.length - from;
    return open(key, nonce, associated, sealed, from, length, out);
  }

  int open(
      SecretKey key,
      byte[] nonce,
      byte[] associated,
      byte[] sealed,
      int from,
      int length,
      byte[] out)
      throws CorruptException {
    warmIfBusy(length);
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, parameters(nonce));
      cipher.updateAAD(associated);
      return cipher.doFinal(sealed, from, length, out, 0);
    } catch (AEADBadTagException e) {
      throw new CorruptException("sealed bytes were changed, or belong elsewhere", e);
    } catch (GeneralSecurityException e) {
      throw Jdk.failed("AES-GCM", e);
    }
  }

  private static AlgorithmParameterSpec parameters(byte[] nonce) {
    return new GCMParameterSpec(8 * TAG_LENGTH, nonce);
  }

  private static void warmIfBusy(int length) {
    if (length >= LARGE
        && LARGE_MESSAGES.get() < LARGE_MESSAGES_BEFORE_WARMING
        && LARGE_MESSAGES.incrementAndGet() == LARGE_MESSAGES_BEFORE_WARMING) {
      warm();
    }
  }

  private static void warm() {
    Gcm sealing = new Gcm();
    Gcm opening = new Gcm();
    SecretKey key = key(new byte[32]);
    byte[] plain = new byte[WARM_BYTES];
    byte[] sealed = new byte[WARM_BYTES + TAG_LENGTH];
    for (int i = 0; i < WARM_CALLS; i++) {
      sealing.seal(key, nonce(i), ZERO_NONCE, plain, WARM_BYTES, sealed, 0);
      try {
        opening.open(key, nonce(i), ZERO_NONCE, sealed, 0, plain);
      } catch (CorruptException e) {
        throw new IllegalStateException("AES-GCM does not open what it sealed", e);
      }
    }
  }
}
