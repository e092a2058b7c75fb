package org.holdfast.client.backup;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.holdfast.core.Invariant;

/// An array that content is read into and chunks are worked on in, until all who hold it have let
/// go. It is held once by who fills it. Any thread holds and releases.
final class ChunkBuffer {
  private final byte[] bytes;
  private final Consumer<byte[]> free;
  private final AtomicInteger holds = new AtomicInteger(1);

  /// `free` takes the array back.
  ChunkBuffer(byte[] bytes, Consumer<byte[]> free) {
    this.bytes = bytes;
    this.free = free;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return bytes.length;
  }

  void hold() {
    Invariant.check(holds.getAndIncrement() > 0, "a buffer that is free is held by nobody");
  }

  void release() {
    int left = holds.decrementAndGet();
    Invariant.check(left >= 0, "a hold is released once");
    if (left == 0) {
      free.accept(bytes);
    }
  }
}
