package org.holdfast.server.session;

import org.holdfast.core.HoldfastException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.jspecify.annotations.Nullable;

/// The blocks that one session has sent for one transaction: how many have no place in a segment
/// yet, and whether one has failed.
///
/// A client sends ahead, so what comes behind a failed block is answered with its failure, until
/// the transaction is begun again. Any thread.
final class StoreLane {
  private int waiting;
  private boolean over;
  private @Nullable HoldfastException failure;

  synchronized void check() throws HoldfastException {
    if (failure != null) {
      throw failure;
    }
  }

  synchronized void sent() {
    waiting++;
  }

  /// A block has its place, or has failed.
  synchronized void done(@Nullable HoldfastException why) {
    waiting--;
    if (failure == null) {
      failure = why;
    }
    notifyAll();
  }

  /// The session has ended: nobody needs the answer.
  synchronized void abandon() {
    over = true;
    notifyAll();
  }

  /// Waits until every block sent so far has its place; throws the failure of one that has not.
  synchronized void settle() throws HoldfastException {
    try {
      while (waiting > 0 && !over && failure == null) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("the server is stopping: try again in a moment", 1000);
    }
    check();
    if (over) {
      throw new RefusedException("the session is over");
    }
  }
}
