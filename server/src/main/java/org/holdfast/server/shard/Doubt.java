package org.holdfast.server.shard;

import java.util.List;
import org.holdfast.core.CorruptException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentRange;

/// Whether segments that are absent, and that no record retires, are lost: others may clean while
/// the log is read, and who reads slowly may be behind them all the time.
///
/// What was cleaned was retired before, by a record that the log holds from then on, though not
/// always in the same segment. So they are lost if they were absent before a listing began, and all
/// that it shows was read and does not retire them. Used by one thread.
final class Doubt {
  private final Patience patience;
  private List<SegmentRange> before = List.of();
  private boolean isLast;

  Doubt(Patience patience) {
    this.patience = patience;
  }

  /// Of what a round ended with: waits for the next one, or throws if these are lost, or if it
  /// cannot be told for as long as patience goes. `isRead` says that nothing has vanished which
  /// might have retired them.
  void of(List<SegmentRange> absent, boolean isRead) throws CorruptException, UnavailableException {
    boolean isLost = isRead && absent.equals(before);
    before = absent;
    if (patience.pause(() -> false)) {
      return;
    }
    if (isLost) {
      throw Replay.missing(absent.getFirst().first());
    }
    if (isLast) {
      throw new UnavailableException(
          "the log is cleaned while it is read, and "
              + absent.getFirst().first()
              + " is not there: try again",
          1000);
    }
    isLast = true;
  }
}
