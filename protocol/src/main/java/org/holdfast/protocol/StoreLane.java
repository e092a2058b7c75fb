package org.holdfast.protocol;

import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.jspecify.annotations.Nullable;

/// The stream that carries a transaction's blocks. All that ever comes back on it is an ERROR,
/// which every later use of the lane throws.
final class StoreLane implements Waiting {
  private final String peer;
  private volatile @Nullable HoldfastException failure;

  StoreLane(String peer) {
    this.peer = peer;
  }

  /// Throws the failure of an earlier block.
  void check() throws HoldfastException {
    HoldfastException why = failure;
    if (why != null) {
      throw why;
    }
  }

  @Override
  public boolean accept(Message message) throws CorruptException {
    if (!(message instanceof Message.Failure reported)) {
      throw Streams.unexpected(message, peer);
    }
    fail(ErrorCode.exception(reported, peer));
    return false;
  }

  @Override
  public synchronized void fail(HoldfastException why) {
    if (failure == null) {
      failure = why;
    }
  }
}
