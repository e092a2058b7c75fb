package org.holdfast.protocol;

import java.nio.ByteBuffer;
import org.holdfast.core.CorruptException;

/// The 12 bytes before each payload.
///
/// ```
/// 0  u32  length of the payload
/// 4  u8   type
/// 5  u8   flags, 0
/// 6  u16  reserved, 0
/// 8  u32  stream
/// ```
record FrameHeader(int length, MessageType type, int stream) {
  static final int LENGTH = 12;

  /// The limit that any type keeps within.
  static final int MAX_PAYLOAD = (16 << 20) + (64 << 10);

  /// Reads 12 bytes. Refuses a payload that is longer than its type or the limit allows.
  static FrameHeader decode(ByteBuffer bytes, int limit) throws CorruptException {
    long length = bytes.getInt() & Message.MAX_U32;
    MessageType type = MessageType.of(bytes.get() & 0xff);
    if (bytes.get() != 0 || bytes.getShort() != 0) {
      throw new CorruptException(type + " message with unknown flags");
    }
    if (length > Math.min(limit, type.maxPayload())) {
      throw new CorruptException(type + " message of " + length + " bytes is too long");
    }
    return new FrameHeader((int) length, type, bytes.getInt());
  }

  void encode(ByteBuffer target) {
    target.putInt(length).put((byte) type.code()).put((byte) 0).putShort((short) 0).putInt(stream);
  }
}
