package org.holdfast.client.catalog;

import java.nio.ByteBuffer;

/// Takes in blocks as they come, in any order, on the thread that asked; each index once.
///
/// `X` is what it may throw; that ends the fetch.
public interface BlockArrivals<X extends Exception> {
  /// A sealed block whose run's keys are known. It may still turn out to be damaged. The buffer has
  /// an array; that of a chunk may be long, and hold others, so it is not for keeping.
  void block(int index, ByteBuffer sealed) throws X;

  /// A block that cannot be had. The reason is one line that does not name the block.
  void lost(int index, String reason) throws X;
}
