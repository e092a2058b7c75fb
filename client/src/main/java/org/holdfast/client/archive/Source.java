package org.holdfast.client.archive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;

/// Bytes that are being read, strictly: whatever is not exactly what [Sink] writes is refused.
///
/// Never allocates more than the bytes that are there, whatever a length claims.
final class Source {
  private final String what;
  private final byte[] bytes;
  private int at;

  /// Reads the array as it is, without a copy. `what` is named in failures.
  Source(String what, byte[] bytes) {
    this.what = what;
    this.bytes = bytes;
  }

  CorruptException fault(String fault) {
    return new CorruptException(what + " is damaged: " + fault + ", near byte " + at);
  }

  int remaining() {
    return bytes.length - at;
  }

  int position() {
    return at;
  }

  void end() throws CorruptException {
    if (at != bytes.length) {
      throw fault("bytes are left over");
    }
  }

  int u8() throws CorruptException {
    need(1);
    return bytes[at++] & 0xff;
  }

  void version(int expected) throws CorruptException {
    int version = u8();
    if (version != expected) {
      throw fault("its version " + version + " is not known here; use a newer program");
    }
  }

  /// Refuses what does not fit into 63 bits.
  long u63() throws CorruptException {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | u8();
    }
    if (value < 0) {
      throw fault("a number is out of bounds");
    }
    return value;
  }

  long varint() throws CorruptException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int group = u8();
      value |= (long) (group & 0x7f) << shift;
      if (group < 0x80) {
        return shortest(group, shift, value);
      }
    }
    throw fault("a number is too long");
  }

  long varint(long min, long max) throws CorruptException {
    long value = varint();
    if (value < min || value > max) {
      throw fault("a number is out of bounds");
    }
    return value;
  }

  int count(int min, int max) throws CorruptException {
    return (int) varint(min, max);
  }

  /// An unsigned number of 32 bits.
  int unsignedInt() throws CorruptException {
    return (int) varint(0, 0xffff_ffffL);
  }

  long zigzag() throws CorruptException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int group = u8();
      if (shift == 63 && group > 1) {
        break;
      }
      value |= (long) (group & 0x7f) << shift;
      if (group < 0x80) {
        shortest(group, shift, value);
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw fault("a number is too long");
  }

  private long shortest(int group, int shift, long value) throws CorruptException {
    if (group == 0 && shift > 0) {
      throw fault("a number is not in its shortest form");
    }
    return value;
  }

  byte[] raw(int length) throws CorruptException {
    need(length);
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  Bytes rawBytes(int length) throws CorruptException {
    return Bytes.wrap(raw(length));
  }

  /// Copies the next bytes into the target.
  void rawInto(byte[] target, int offset) throws CorruptException {
    int length = target.length - offset;
    need(length);
    System.arraycopy(bytes, at, target, offset, length);
    at += length;
  }

  byte peek() throws CorruptException {
    need(1);
    return bytes[at];
  }

  /// The bytes between two positions that have been passed.
  Bytes between(int from, int to) {
    return Bytes.copyOf(bytes, from, to);
  }

  Bytes bytes(int min, int max) throws CorruptException {
    return rawBytes(count(min, max));
  }

  ArchivePath path() throws CorruptException {
    return ArchivePath.wrap(raw(count(0, ArchivePath.LENGTH_MAX)));
  }

  String text(int min, int max) throws CorruptException {
    byte[] utf8 = raw(count(min, max));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw fault("a text is not UTF-8");
    }
  }

  private void need(int length) throws CorruptException {
    if (length > bytes.length - at) {
      throw fault("it ends too early");
    }
  }
}
