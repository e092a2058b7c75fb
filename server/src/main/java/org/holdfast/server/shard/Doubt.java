package org.holdfast.server.shard;

import java.util.List;
import java.util.function.Supplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentRange;

/// Whether segments that are absent, and that no record retires, are lost: others may clean while
/// the log is read, and who reads slowly may be behind them all the time.
///
/// What was cleaned was retired before, by a record that the log holds from then on, though not
/// always in the same segment. So some are lost if they were absent before a listing began, and all
/// that it shows was read and does not retire them; and if that stays so for as long as patience
/// goes. The newest of them is lost in any case: what retires it comes after it, and is there.
///
/// Used by one thread.
final class Doubt {
  /// Who is behind for so long is not going to catch up.
  private static final int CHANGES_MAX = 100;

  private final Supplier<Patience> patiences;
  private Patience patience;
  private List<SegmentRange> before = List.of();
  private int changes;
  private boolean isLast;

  Doubt(Supplier<Patience> patiences) {
    this.patiences = patiences;
    this.patience = patiences.get();
  }

  /// A round came to nothing, as the log shows what is retired: the next one leaves that out.
  void again(SegmentRange came) throws UnavailableException {
    if (++changes > CHANGES_MAX) {
      throw cleanedTooFast(came);
    }
  }

  /// Of what a round ended with: waits for the next one, or throws if these are lost, or if it
  /// cannot be told. `isRead` says that nothing has vanished which might have retired them.
  void of(List<SegmentRange> absent, boolean isRead) throws CorruptException, UnavailableException {
    boolean isSame = absent.equals(before);
    before = absent;
    if (!isSame && ++changes <= CHANGES_MAX) {
      patience = patiences.get();
      isLast = false;
    }
    if (patience.pause(() -> false)) {
      return;
    }
    if (isSame && isRead) {
      throw Replay.missing(absent.getLast().last());
    }
    if (isLast) {
      throw cleanedTooFast(absent.getLast());
    }
    isLast = true;
  }

  private static UnavailableException cleanedTooFast(SegmentRange range) {
    return new UnavailableException(
        "the log is cleaned while it is read, " + range.last() + " among others: try again", 1000);
  }
}
