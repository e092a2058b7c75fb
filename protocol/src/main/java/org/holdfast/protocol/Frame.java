package org.holdfast.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// An encoded message: header and payload, of which a block's bytes are kept apart so that nobody
/// copies them.
record Frame(ByteBuffer head, @Nullable BlockBytes tail) {
  int length() {
    return head.remaining() + (tail == null ? 0 : tail.length());
  }
}
