package org.holdfast.client.restore;

import org.holdfast.client.tree.FileAccessException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;

/// The restore cannot go on: the target as a whole, or the session, has failed.
final class RestoreStopped extends Exception {
  private static final long serialVersionUID = 1;

  RestoreStopped(HoldfastException cause) {
    super(cause);
  }

  RestoreStopped(FileAccessException cause) {
    super(cause);
  }

  RestoreStopped(RuntimeException cause) {
    super(cause);
  }

  /// Java itself has failed, most likely for want of memory.
  RestoreStopped(Error cause) {
    super(cause);
  }

  /// A worker ended without being able to say why.
  RestoreStopped(String reason) {
    super(new UnavailableException(reason));
  }

  /// Throws the cause.
  IllegalStateException unwrap() throws HoldfastException, FileAccessException {
    if (getCause() instanceof HoldfastException e) {
      throw e;
    }
    if (getCause() instanceof FileAccessException e) {
      throw e;
    }
    if (getCause() instanceof RuntimeException e) {
      throw e;
    }
    if (getCause() instanceof Error e) {
      throw e;
    }
    return new IllegalStateException("a restore stops for a reason", this);
  }
}
