package org.holdfast.seal;

import java.nio.ByteBuffer;

/// Takes in a chunk that was opened.
///
/// `X` is what it may throw.
public interface OpenedChunk<X extends Exception> {
  /// The content, in an array that is used for another chunk once this returns.
  void take(ByteBuffer content) throws X;
}
