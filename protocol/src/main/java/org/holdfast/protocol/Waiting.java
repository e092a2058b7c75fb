package org.holdfast.protocol;

import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;

/// Somebody who waits for what comes on a stream. Called by the session's reader, which must not be
/// kept waiting: nothing here may block or send.
interface Waiting {
  /// Takes a message. Returns whether it was the stream's last. Throws [CorruptException] for a
  /// message that has no business here, which ends the session.
  boolean accept(Message message) throws CorruptException;

  /// The session is over.
  void fail(HoldfastException why);
}
