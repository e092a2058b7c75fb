package org.holdfast.server.state;

import java.nio.ByteBuffer;

/// Somebody who pays. `record` opened the account.
public record AccountRow(long record, String name) {
  byte[] encode() {
    byte[] text = RowCodec.utf8(name);
    return ByteBuffer.allocate(10 + text.length)
        .putLong(record)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  static AccountRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new AccountRow(in.getLong(), RowCodec.text(in));
  }
}
