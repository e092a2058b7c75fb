package org.holdfast.client.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.holdfast.core.Bytes;

/// Bytes that are being written; grows as needed and is used again after [#clear].
///
/// The counterpart of [Source]; what the number formats are says `docs/format-archive.md`.
final class Sink {
  private byte[] bytes;
  private int length;

  Sink(int capacity) {
    bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  Bytes toBytes() {
    return Bytes.copyOf(bytes, 0, length);
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  void u8(int value) {
    room(1);
    bytes[length++] = (byte) value;
  }

  void u64(long value) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      u8((int) (value >>> shift));
    }
  }

  /// The value must not be negative.
  void varint(long value) {
    unsigned(value);
  }

  void zigzag(long value) {
    unsigned((value << 1) ^ (value >> 63));
  }

  private void unsigned(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  void raw(byte[] source, int from, int to) {
    room(to - from);
    System.arraycopy(source, from, bytes, length, to - from);
    length += to - from;
  }

  void raw(Bytes source) {
    room(source.length());
    source.copyTo(bytes, length);
    length += source.length();
  }

  void raw(Sink source) {
    raw(source.bytes, 0, source.length);
  }

  /// A length and the bytes.
  void bytes(byte[] source, int from, int to) {
    varint(to - from);
    raw(source, from, to);
  }

  void bytes(Bytes source) {
    varint(source.length());
    raw(source);
  }

  void path(ArchivePath path) {
    bytes(path.shared(), 0, path.length());
  }

  void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    bytes(utf8, 0, utf8.length);
  }

  /// How many bytes a varint takes.
  static int varintLength(long value) {
    return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }
}
