package org.holdfast.server.shard;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.HoldfastException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentId;
import org.holdfast.log.SegmentRange;

/// Whether segments that are absent, and that no record retires, are lost: others may clean while
/// the log is read, and who reads slowly may be behind them all the time.
///
/// What was cleaned was retired before, by a record that the log holds from then on, though not
/// always in the same segment. So some are lost if they were absent before a listing began, and all
/// that it shows was read and does not retire them; and if that stays so for as long as patience
/// goes. The newest of them is lost in any case: what retires it comes after it, and is there.
///
/// That holds of a log whose end is known. Who has not taken it over knows none: the segment that
/// comes next may be there and not be shown, and retire them. So it is asked for by its name, as
/// long as patience goes, before anything is called lost; and both are named then, as nobody can
/// tell which of them it is.
///
/// Used by one thread.
final class Doubt {
  /// Who is behind for so long is not going to catch up.
  private static final int CHANGES_MAX = 100;

  private final Supplier<Patience> patiences;
  private final Asking comes;
  private Patience patience;
  private List<SegmentRange> before = List.of();
  private int changes;
  private boolean isLast;

  /// Was not listed, and is there.
  private Optional<SegmentId> came = Optional.empty();

  /// `comes` asks for a segment as long as patience goes.
  Doubt(Supplier<Patience> patiences, Asking comes) {
    this.patiences = patiences;
    this.comes = comes;
    this.patience = patiences.get();
  }

  /// A round came to nothing, as the log shows what is retired: the next one leaves that out.
  void again(SegmentRange came) throws UnavailableException {
    if (++changes > CHANGES_MAX) {
      throw cleanedTooFast(came);
    }
  }

  /// Of what a round ended with: waits for the next one, or throws if these are lost, or if it
  /// cannot be told. `isRead` says that nothing has vanished which might have retired them; `next`
  /// is where the log goes on if it is longer than it is listed, empty if its end is known.
  void of(List<SegmentRange> absent, boolean isRead, Optional<SegmentId> next)
      throws HoldfastException {
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
      if (next.isEmpty() || !comes.isThere(next.get())) {
        throw missing(absent.getLast().last(), next);
      }
      goOn(next.get());
      return;
    }
    if (isLast) {
      throw cleanedTooFast(absent.getLast());
    }
    isLast = true;
  }

  /// The log is longer than it was listed: the next listing is to show that.
  private void goOn(SegmentId next) throws UnavailableException {
    if (came.equals(Optional.of(next)) || ++changes > CHANGES_MAX) {
      throw new UnavailableException(
          next + " is in the bucket, and is not listed: try again", 1000);
    }
    came = Optional.of(next);
    before = List.of();
  }

  private static CorruptException missing(SegmentId newest, Optional<SegmentId> next) {
    String what = newest + named(newest) + " is missing from the bucket: restore it from a copy";
    return new CorruptException(
        what
            + next.map(id ->
                    "; unless the log goes on with "
                        + id
                        + named(id)
                        + ", which the bucket does not show: that may say that it was cleaned")
                .orElse(""));
  }

  private static String named(SegmentId id) {
    return " (object " + id.key() + ")";
  }

  private static UnavailableException cleanedTooFast(SegmentRange range) {
    return new UnavailableException(
        "the log is cleaned while it is read, " + range.last() + " among others: try again", 1000);
  }

  /// Asks whether a segment is in the bucket.
  interface Asking {
    boolean isThere(SegmentId id) throws HoldfastException;
  }
}
