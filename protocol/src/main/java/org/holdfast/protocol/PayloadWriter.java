package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.holdfast.core.Bytes;
import org.holdfast.core.Invariant;
import org.jspecify.annotations.Nullable;

/// Writes the values of a payload, after room for the frame's header. One thread.
final class PayloadWriter {
  private static final int FIRST_CAPACITY = 128;

  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int length = FrameHeader.LENGTH;

  PayloadWriter u8(int value) {
    Invariant.check(value >= 0 && value <= 0xff, "a value of 8 bits");
    return number(value, 1);
  }

  PayloadWriter u16(int value) {
    Invariant.check(value >= 0 && value <= 0xffff, "a value of 16 bits");
    return number(value, 2);
  }

  PayloadWriter u32(long value) {
    Invariant.check(value >= 0 && value <= Message.MAX_U32, "a value of 32 bits");
    return number(value, 4);
  }

  PayloadWriter u64(long value) {
    Invariant.check(value >= 0, "a value of 63 bits");
    return number(value, 8);
  }

  PayloadWriter flag(boolean value) {
    return u8(value ? 1 : 0);
  }

  PayloadWriter bytes(Bytes value) {
    reserve(value.length());
    value.copyTo(bytes, length);
    length += value.length();
    return this;
  }

  PayloadWriter bytes(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  /// An id or name that is not "none".
  PayloadWriter present(Bytes value) {
    Invariant.check(!PayloadReader.isZeros(value), "zeros mean none");
    return bytes(value);
  }

  /// An id or name, or zeros for none.
  PayloadWriter optional(@Nullable Bytes value, int width) {
    if (value != null) {
      return present(value);
    }
    reserve(width);
    length += width;
    return this;
  }

  PayloadWriter line(String value, int leastBytes, int mostBytes) {
    Invariant.check(OneLine.isClean(value), "no control characters");
    return text(value, leastBytes, mostBytes);
  }

  PayloadWriter text(String value, int leastBytes, int mostBytes) {
    byte[] encoded = value.getBytes(UTF_8);
    Invariant.check(
        encoded.length >= leastBytes && encoded.length <= mostBytes, "length of a text");
    return u16(encoded.length).bytes(encoded);
  }

  PayloadWriter longText(String value, int mostBytes) {
    byte[] encoded = value.getBytes(UTF_8);
    Invariant.check(encoded.length <= mostBytes, "length of a text");
    return u32(encoded.length).bytes(encoded);
  }

  /// Puts the header in front of what was written.
  Frame frame(MessageType type, int stream, @Nullable BlockBytes tail) {
    int payload = length - FrameHeader.LENGTH + (tail == null ? 0 : tail.length());
    Invariant.check(payload <= type.maxPayload(), "length of a payload");
    ByteBuffer head = ByteBuffer.wrap(bytes, 0, length);
    new FrameHeader(payload, type, stream).encode(head);
    return new Frame(head.rewind(), tail);
  }

  private PayloadWriter number(long value, int width) {
    reserve(width);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes[length++] = (byte) (value >>> shift);
    }
    return this;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
