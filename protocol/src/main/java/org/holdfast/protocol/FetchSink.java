package org.holdfast.protocol;

import java.nio.ByteBuffer;

/// Takes in the blocks of a FETCH, in the server's order, on the thread that asked.
///
/// `X` is what it may throw; that ends the fetch.
public interface FetchSink<X extends Exception> {
  /// A block, by its index in the request. The buffer is the sink's to keep; credit for its bytes
  /// goes back to the server when this returns.
  void block(int index, ByteBuffer bytes) throws X;

  /// The server does not have that block, or only damaged.
  void missing(int index) throws X;
}
