package org.holdfast.stores;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import org.holdfast.core.Invariant;

/// A body as it is on the wire, chunks' frames included, in pieces; and not a byte of what follows
/// it.
///
/// One thread at a time.
final class RawBody {
  private static final int MOST_LINE_BYTES = 4 << 10;

  private final InputStream in;
  private final BodyLength length;
  private Part part;

  /// Bytes to come in this part.
  private long left;

  RawBody(InputStream in, BodyLength length) {
    this.in = in;
    this.length = length;
    switch (length) {
      case BodyLength.Fixed fixed -> {
        left = fixed.bytes();
        part = left == 0 ? Part.END : Part.DATA;
      }
      case BodyLength.Chunked _ -> part = Part.SIZE;
      case BodyLength.ToEnd _ -> {
        left = Long.MAX_VALUE;
        part = Part.DATA;
      }
    }
  }

  /// Whether all has been read. What ends with the connection has an end only when [#read] says so.
  boolean isAtEnd() {
    return part == Part.END;
  }

  /// The next piece: its length; 0 at the end. The buffer has room for a line.
  int read(byte[] buffer) throws IOException {
    Invariant.check(buffer.length >= MOST_LINE_BYTES, "a line fits");
    return switch (part) {
      case DATA -> data(buffer);
      case SIZE -> size(buffer);
      case TRAILER -> trailer(buffer);
      case END -> 0;
    };
  }

  private int data(byte[] buffer) throws IOException {
    int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
    if (read < 0) {
      if (length instanceof BodyLength.ToEnd) {
        part = Part.END;
        return 0;
      }
      throw new EOFException("the stream ends in a body");
    }
    left -= read;
    if (left == 0) {
      part = length instanceof BodyLength.Chunked ? Part.SIZE : Part.END;
    }
    return read;
  }

  private int size(byte[] buffer) throws IOException {
    int read = line(buffer);
    int digits = 0;
    while (digits < read && Character.digit(buffer[digits], 16) >= 0) {
      digits++;
    }
    if (digits == 0 || digits > 8) {
      throw new ProtocolException("no chunk's size");
    }
    long size = 0;
    for (int i = 0; i < digits; i++) {
      size = size << 4 | Character.digit(buffer[i], 16);
    }
    // The line's end after the data belongs to the chunk.
    left = size + 2;
    part = size == 0 ? Part.TRAILER : Part.DATA;
    return read;
  }

  private int trailer(byte[] buffer) throws IOException {
    int read = line(buffer);
    if (read == 2) {
      part = Part.END;
    }
    return read;
  }

  private int line(byte[] buffer) throws IOException {
    int length = 0;
    while (length < MOST_LINE_BYTES) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the stream ends between chunks");
      }
      buffer[length++] = (byte) next;
      if (next == '\n') {
        return length;
      }
    }
    throw new ProtocolException("a chunk's line has no end");
  }

  private enum Part {
    SIZE,
    DATA,
    TRAILER,
    END
  }
}
