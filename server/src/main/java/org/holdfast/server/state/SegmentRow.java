package org.holdfast.server.state;

import java.nio.ByteBuffer;

/// A segment, as the index knows it: lengths of header, data, and live data, in bytes.
public record SegmentRow(int headerLength, int dataLength, long liveLength) {
  SegmentRow minusLive(long length) {
    return new SegmentRow(headerLength, dataLength, liveLength - length);
  }

  byte[] encode() {
    return ByteBuffer.allocate(16)
        .putInt(headerLength)
        .putInt(dataLength)
        .putLong(liveLength)
        .array();
  }

  static SegmentRow decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    return new SegmentRow(in.getInt(), in.getInt(), in.getLong());
  }
}
