package org.holdfast.server.session;

/// How much all sessions together may hold, so that memory is bounded whatever clients do.
///
/// - `storeBytes`: blocks that have come and have no place in a segment yet. Taken before a block
///   is read from the network; what does not fit waits there.
/// - `fetchBytes`: blocks read from the bucket that are on their way to clients.
/// - `sessions`: connections past their handshake. More are told to come back.
public record Limits(long storeBytes, long fetchBytes, int sessions) {
  /// What the largest block takes, with what is read along with it, in bytes.
  static final long BLOCK_BYTES = 17 << 20;

  /// No budget works below this, in bytes: it must hold the largest block, and one more to go on
  /// with.
  public static final long BYTES_MIN = 2 * BLOCK_BYTES;

  /// What all requests hold that are being answered, or whose replies nobody has read, in bytes:
  /// the names in them, and what is found ([RequestCost]). A client that means well has a handful.
  static final long REQUEST_BYTES = 96 << 20;

  /// Fits, with all else that a server holds, in the heap that the launcher gives ([HeapNeed]).
  public static final Limits DEFAULT = new Limits(128 << 20, 128 << 20, 500);
}
