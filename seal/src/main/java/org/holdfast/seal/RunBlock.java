package org.holdfast.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.holdfast.core.BlockClass;
import org.holdfast.core.BlockName;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// A run's two keys, each sealed to a public key of the machine.
///
/// ```
/// 0     1     version 01
/// 1     1     class 04
/// 2     16    run id
/// 18    1168  reference key's envelope
/// 1186  1168  content key's envelope
/// ```
///
/// An envelope is a hybrid ciphertext (1,120) and the key under AES-256-GCM (48). Each envelope has
/// a fresh secret, so its nonce is constant.
final class RunBlock {
  static final int LENGTH = 2354;
  private static final byte VERSION = 1;
  private static final int HEADER = 18;
  private static final int ENVELOPE = 1168;
  private static final byte[] INFO = "holdfast run key 1".getBytes(StandardCharsets.US_ASCII);

  private RunBlock() {}

  static byte[] seal(
      RunId run, byte[] referenceKey, byte[] contentKey, WriteKeys keys, SecureRandom random)
      throws CorruptException {
    byte[] header = header(run);
    return ByteBuffer.allocate(LENGTH)
        .put(header)
        .put(envelope(header, run, PartKind.REFERENCES, referenceKey, keys.reference(), random))
        .put(envelope(header, run, PartKind.CONTENT, contentKey, keys.content(), random))
        .array();
  }

  /// Checks that the block is one, and the one called `name`.
  static RunId check(BlockName name, byte[] block) throws CorruptException {
    if (block.length != LENGTH) {
      throw new CorruptException("run block " + name + " has " + block.length + " bytes");
    }
    if (block[0] != VERSION || block[1] != BlockClass.RUN.code()) {
      throw new CorruptException("block " + name + " is no run block of a version known here");
    }
    RunId run = new RunId(Bytes.copyOf(block, 2, HEADER));
    if (!run.blockName().equals(name)) {
      throw new CorruptException("run block " + name + " is of another run");
    }
    return run;
  }

  /// The run's key of one kind, from a block that [#check] has passed.
  static byte[] open(byte[] block, RunId run, PartKind kind, HybridPrivateKey key)
      throws CorruptException {
    int from = HEADER + (kind == PartKind.REFERENCES ? 0 : ENVELOPE);
    int split = from + Encapsulation.LENGTH;
    byte[] secret = key.decapsulate(Arrays.copyOfRange(block, from, split));
    byte[] sealed = Arrays.copyOfRange(block, split, from + ENVELOPE);
    return Gcm.openOnce(
        wrappingKey(secret, run, kind), with(Arrays.copyOf(block, HEADER), kind), sealed);
  }

  private static byte[] header(RunId run) {
    return ByteBuffer.allocate(HEADER)
        .put(VERSION)
        .put((byte) BlockClass.RUN.code())
        .put(run.bytes().toArray())
        .array();
  }

  private static byte[] envelope(
      byte[] header,
      RunId run,
      PartKind kind,
      byte[] runKey,
      HybridPublicKey to,
      SecureRandom random)
      throws CorruptException {
    Encapsulation encapsulation = to.encapsulate(random);
    byte[] key = wrappingKey(encapsulation.secret(), run, kind);
    return ByteBuffer.allocate(ENVELOPE)
        .put(encapsulation.ciphertext())
        .put(Gcm.sealOnce(key, with(header, kind), runKey))
        .array();
  }

  private static byte[] wrappingKey(byte[] secret, RunId run, PartKind kind) {
    return Hkdf.derive(secret, run.bytes().toArray(), with(INFO, kind), 32);
  }

  private static byte[] with(byte[] start, PartKind kind) {
    byte[] both = Arrays.copyOf(start, start.length + 1);
    both[start.length] = (byte) kind.code();
    return both;
  }
}
