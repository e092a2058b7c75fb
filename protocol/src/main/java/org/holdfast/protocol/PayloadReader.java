package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.holdfast.core.Bytes;
import org.holdfast.core.CorruptException;
import org.jspecify.annotations.Nullable;

/// Reads the values of a payload; every length and range is checked. One thread.
final class PayloadReader {
  private final MessageType type;
  private final ByteBuffer payload;
  private @Nullable BlockBytes tail;

  /// The tail is a block that the carrier has kept apart from the rest.
  PayloadReader(MessageType type, ByteBuffer payload, @Nullable BlockBytes tail) {
    this.type = type;
    this.payload = payload;
    this.tail = tail;
  }

  int u8() throws CorruptException {
    need(1);
    return payload.get() & 0xff;
  }

  int u16() throws CorruptException {
    need(2);
    return payload.getShort() & 0xffff;
  }

  long u32() throws CorruptException {
    need(4);
    return payload.getInt() & Message.MAX_U32;
  }

  long u64() throws CorruptException {
    need(8);
    long value = payload.getLong();
    require(value >= 0, "a number is out of range");
    return value;
  }

  boolean flag() throws CorruptException {
    int value = u8();
    require(value <= 1, "a flag is neither 0 nor 1");
    return value == 1;
  }

  int count(int least, int most) throws CorruptException {
    int count = u16();
    require(count >= least && count <= most, "a count is out of range");
    return count;
  }

  long credit() throws CorruptException {
    long bytes = u32();
    require(bytes >= Message.MIN_CREDIT_BYTES, "too little credit");
    return bytes;
  }

  long positive() throws CorruptException {
    long value = u64();
    require(value >= 1, "a number is zero");
    return value;
  }

  Bytes bytes(int width) throws CorruptException {
    need(width);
    byte[] bytes = new byte[width];
    payload.get(bytes);
    return Bytes.wrap(bytes);
  }

  /// An id or name that is not "none".
  Bytes present(int width) throws CorruptException {
    Bytes bytes = bytes(width);
    require(!isZeros(bytes), "an id is zeros");
    return bytes;
  }

  /// An id or name, or null for zeros.
  @Nullable Bytes optional(int width) throws CorruptException {
    Bytes bytes = bytes(width);
    return isZeros(bytes) ? null : bytes;
  }

  String line(int leastBytes, int mostBytes) throws CorruptException {
    String text = text(leastBytes, mostBytes);
    require(OneLine.isClean(text), "a text holds control characters");
    return text;
  }

  String text(int leastBytes, int mostBytes) throws CorruptException {
    return utf8(u16(), leastBytes, mostBytes);
  }

  String longText(int mostBytes) throws CorruptException {
    return utf8(u32(), 0, mostBytes);
  }

  /// The rest of the payload, without copying it.
  BlockBytes block() throws CorruptException {
    BlockBytes apart = tail;
    if (apart != null) {
      require(!payload.hasRemaining(), "bytes before a block");
      tail = null;
      return apart;
    }
    require(payload.hasRemaining(), "an empty block");
    require(payload.remaining() <= BlockBytes.MAX_LENGTH, "a block is too long");
    BlockBytes block = BlockBytes.of(payload);
    payload.position(payload.limit());
    return block;
  }

  void end() throws CorruptException {
    require(!payload.hasRemaining() && tail == null, "bytes too many");
  }

  void require(boolean holds, String otherwise) throws CorruptException {
    if (!holds) {
      throw new CorruptException(type + " message is malformed: " + otherwise);
    }
  }

  static boolean isZeros(Bytes bytes) {
    for (int i = 0; i < bytes.length(); i++) {
      if (bytes.at(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private String utf8(long length, int leastBytes, int mostBytes) throws CorruptException {
    require(length >= leastBytes && length <= mostBytes, "a text's length is out of range");
    need((int) length);
    ByteBuffer encoded = payload.slice(payload.position(), (int) length);
    payload.position(payload.position() + (int) length);
    try {
      return UTF_8.newDecoder().decode(encoded).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptException(type + " message is malformed: a text is not UTF-8", e);
    }
  }

  private void need(int bytes) throws CorruptException {
    require(payload.remaining() >= bytes, "bytes too few");
  }
}
