package org.holdfast.stores;

/// How the end of a body is known.
sealed interface BodyLength {
  /// So many bytes.
  record Fixed(long bytes) implements BodyLength {}

  /// Chunks, the last of which is empty, then trailers and an empty line.
  record Chunked() implements BodyLength {}

  /// The connection's end.
  record ToEnd() implements BodyLength {}
}
