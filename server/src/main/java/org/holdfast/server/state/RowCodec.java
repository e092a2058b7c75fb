package org.holdfast.server.state;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.holdfast.core.Bytes;

/// Reads and writes the fields of rows. Rows are our own, checked by the digest; a row that makes
/// no sense is a defect of the program or the disk, and stops the owner by an unchecked exception.
final class RowCodec {
  private RowCodec() {}

  static Bytes bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return Bytes.wrap(bytes);
  }

  static String text(ByteBuffer in) {
    byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  static ByteBuffer put(ByteBuffer out, Bytes bytes) {
    return bytes.putInto(out);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
