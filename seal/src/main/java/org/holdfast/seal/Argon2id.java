package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.holdfast.core.CorruptException;

/// How much work a passphrase costs whoever guesses it: Argon2id, version 1.3 (RFC 9106).
///
/// @param memoryKib memory in KiB
/// @param passes over the memory
/// @param lanes that could be worked on in parallel
public record Argon2id(int memoryKib, int passes, int lanes) {
  /// The second recommendation of RFC 9106, section 4, for where memory is scarce.
  public static final Argon2id DEFAULT = new Argon2id(64 << 10, 3, 4);

  static final int SALT_LENGTH = 16;
  private static final int MEMORY_KIB_MAX = 256 << 10;
  private static final int PASSES_MAX = 16;
  private static final int LANES_MAX = 16;

  /// Throws [CorruptException] for a cost that no key file of ours has, and that would let a
  /// hostile one eat the machine.
  void check() throws CorruptException {
    boolean fits =
        lanes >= 1
            && lanes <= LANES_MAX
            && passes >= 1
            && passes <= PASSES_MAX
            && memoryKib >= 8 * lanes
            && memoryKib <= MEMORY_KIB_MAX;
    if (!fits) {
      throw new CorruptException("key file asks for an Argon2id cost out of bounds: " + this);
    }
  }

  /// 32 bytes from a passphrase.
  byte[] derive(char[] passphrase, byte[] salt) {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(passphrase));
    byte[] secret = new byte[encoded.remaining()];
    encoded.get(secret);
    Argon2Parameters parameters =
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(passes)
            .withParallelism(lanes)
            .withSalt(salt)
            .build();
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(parameters);
    byte[] key = new byte[32];
    generator.generateBytes(secret, key);
    Arrays.fill(secret, (byte) 0);
    encoded.clear();
    encoded.put(new byte[encoded.capacity()]);
    return key;
  }
}
