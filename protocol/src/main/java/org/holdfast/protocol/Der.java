package org.holdfast.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;

/// The few shapes of DER (X.690) that a self-signed certificate needs.
final class Der {
  private static final int BIT_STRING = 0x03;
  private static final int UTF8_STRING = 0x0c;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return node(SEQUENCE, parts);
  }

  static byte[] set(byte[]... parts) {
    return node(SET, parts);
  }

  static byte[] utf8(String ascii) {
    return node(UTF8_STRING, ascii.getBytes(US_ASCII));
  }

  static byte[] bits(byte[] bytes) {
    return node(BIT_STRING, new byte[] {0}, bytes);
  }

  /// Tag, length, then the parts in order.
  static byte[] node(int tag, byte[]... parts) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    ByteArrayOutputStream node = new ByteArrayOutputStream();
    node.write(tag);
    writeLength(node, body.size());
    node.writeBytes(body.toByteArray());
    return node.toByteArray();
  }

  private static void writeLength(ByteArrayOutputStream to, int length) {
    if (length < 0x80) {
      to.write(length);
      return;
    }
    int width = length <= 0xff ? 1 : length <= 0xffff ? 2 : 4;
    to.write(0x80 | width);
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      to.write(length >>> shift);
    }
  }
}
