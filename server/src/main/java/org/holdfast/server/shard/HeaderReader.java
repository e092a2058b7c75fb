package org.holdfast.server.shard;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.holdfast.core.CorruptException;
import org.holdfast.core.RefusedException;
import org.holdfast.core.UnavailableException;
import org.holdfast.log.LogReader;
import org.holdfast.log.Patience;
import org.holdfast.log.SegmentHeader;
import org.holdfast.log.SegmentId;

/// Reads headers of segments that count, as [BlockReader] reads blocks: one that is absent or
/// damaged is asked for again for a while, and told to [Damages] after that.
///
/// Any thread.
final class HeaderReader {
  private final LogReader reader;
  private final Damages damages;
  private final BlockReader.Retired retired;

  HeaderReader(LogReader reader, Damages damages, BlockReader.Retired retired) {
    this.reader = reader;
    this.damages = damages;
    this.retired = retired;
  }

  /// The header, authenticated; empty if it is damage now, or if the segment was retired meanwhile.
  /// Throws what may be otherwise the next time, and if `over` says that nobody needs it any more.
  Optional<SegmentHeader> read(SegmentId id, BooleanSupplier over)
      throws RefusedException, UnavailableException {
    Patience patience = damages.patience(id);
    while (true) {
      Damage damage = Damage.MISSING;
      try {
        Optional<SegmentHeader> header = reader.header(id);
        if (header.isPresent()) {
          return header;
        }
      } catch (CorruptException _) {
        damage = Damage.HEADER;
      }
      if (retired.isRetired(id)) {
        return Optional.empty();
      }
      if (!patience.pause(over)) {
        damages.add(id, damage);
        return Optional.empty();
      }
    }
  }
}
