package org.holdfast.server.recovery;

import org.holdfast.log.SegmentRange;

/// A record that decides what is left out, and where the log is cut.
sealed interface Notable {
  /// These do not count.
  record Retired(SegmentRange range) implements Notable {}

  /// A replay without holes is compared with it.
  record Digest() implements Notable {}
}
